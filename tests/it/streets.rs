//! Importing streets: the network in use is always one that can be opened.

use bienveilleurs::domain::travel::TravelProfile;
use bienveilleurs::domain::units::Meters;
use bienveilleurs::service::demonstration::generate;
use bienveilleurs::service::quarters::{extent_with_margin, quarters_or_shipped};
use bienveilleurs::service::streets::{import_streets, open_network};

use crate::app::{TestApp, now};

#[tokio::test]
async fn imports_at_the_same_moment_leave_a_network_that_opens_and_no_former_one() {
    let app = TestApp::empty().await;
    let quarters = quarters_or_shipped(&app.store).await.expect("quarters");
    let xml = generate(&quarters, 2020).streets_osm_xml;
    let import = |margin: f64| {
        let clip = extent_with_margin(&quarters, Meters(margin)).expect("quarters");
        let (store, folder, xml) = (&app.store, app.folder.path(), xml.as_bytes());
        async move { import_streets(store, folder, ("rues.osm", now()), || Ok(xml), clip).await.expect("import") }
    };
    tokio::join!(import(0.0), import(50.0), import(100.0), import(200.0), import(300.0), import(400.0));
    let record = app.store.current_network().await.expect("read").expect("a network");
    assert!(!open_network(app.folder.path(), &record).expect("it opens").edges().is_empty());

    let last = import(10.0).await;
    let again = import(10.0).await;
    assert_eq!(last.checksum, again.checksum, "the same streets give the same bytes");
    let record = app.store.current_network().await.expect("read").expect("a network");
    assert_eq!(record.checksum, last.checksum);
    let network = open_network(app.folder.path(), &record).expect("an import of the same streets keeps their file");
    let junction = network.parts().nodes[0];
    let place = bienveilleurs::network::graph::lon_lat(junction);
    assert!(network.snap(place, TravelProfile::Foot, Meters(1.0)).is_some());
}
