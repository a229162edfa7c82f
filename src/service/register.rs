//! The record of processing activities (GDPR, article 30) and the skeleton of an impact assessment (article 35), in French
//! and in Markdown, written from what is in force at this moment: durations, roles, measures. What the program cannot know
//! is marked *à compléter*; no name is ever invented. Counts are rounded, and small ones are not given.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::ServiceError;
use super::wording;
use crate::domain::access::{Record, Right, Role};
use crate::domain::audit::{Act, Author, Resource};
use crate::domain::retention::{Durations, REQUEST_YEARS};
use crate::store::{CASE_COLUMNS, HOUSEHOLD_COLUMNS, REPORT_COLUMNS, Store, VOLUNTEER_COLUMNS};

/// Below this a count is not given (product rule 13).
const SMALLEST_COUNT: i64 = 11;

/// What is in force and is not in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measures {
    /// How long things are kept.
    pub durations: Durations,
    /// Whether the page is reached through TLS.
    pub tls: bool,
    /// Whether roles that see exact places need a second factor.
    pub second_factor_required: bool,
}

/// Everything that the two documents are written from.
struct Facts {
    measures: Measures,
    today: NaiveDate,
    key: u32,
    file: bool,
    people: [i64; 3],
    erasures: Vec<(String, i64)>,
    demonstration: bool,
}

async fn facts(store: &Store, measures: Measures, by: Author, document: &str) -> Result<Facts, ServiceError> {
    let (key, file) = store.sealing();
    let facts = Facts {
        measures,
        today: by.today(),
        key,
        file,
        people: store.people().await?,
        erasures: store.erasures().await?,
        demonstration: store.meta("demonstration").await?.as_deref() == Some("true"),
    };
    store.record(&[by.entry(Act::Read, Resource::Register).because(document)]).await?;
    Ok(facts)
}

/// `environ 60`, or that there are fewer than eleven.
fn about(count: i64) -> String {
    if count < SMALLEST_COUNT { "moins de 11".to_owned() } else { format!("environ {}", (count + 5) / 10 * 10) }
}

/// What a sealed column holds; the column's own name when nobody has written it down here.
fn holds(column: &'static str) -> &'static str {
    match column {
        "family_name" => "nom",
        "given_name" => "prénom",
        "phone" => "téléphone",
        "email" => "courriel",
        "address" => "adresse",
        "position" => "position du domicile",
        "causes" => "causes de l’isolement (peuvent révéler l’état de santé)",
        "signs" => "signes relevés (peuvent révéler l’état de santé)",
        "languages" => "langues parlées",
        "needs" => "aide demandée ou proposée (visite, courses…)",
        "notes" => "notes objectives, 500 caractères au plus",
        "seen" => "ce qui a été vu, 500 caractères au plus",
        "danger_action" => "ce qui a été fait en cas de danger",
        "mobility" => "mobilité (peut révéler l’état de santé)",
        "people" => "nombre de personnes du foyer",
        "reporter_name" => "son nom",
        "reporter_phone" => "son téléphone",
        "reporter_relation" => "son lien avec la personne",
        other => other,
    }
}

fn columns(columns: &[&'static str]) -> String {
    columns.iter().map(|column| holds(column)).collect::<Vec<_>>().join(", ")
}

/// The record of processing activities.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer.
pub async fn register(store: &Store, measures: Measures, by: Author) -> Result<String, ServiceError> {
    Ok(write_register(&facts(store, measures, by, "register").await?))
}

/// The skeleton of the impact assessment.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer.
pub async fn dpia(store: &Store, measures: Measures, by: Author) -> Result<String, ServiceError> {
    Ok(write_dpia(&facts(store, measures, by, "dpia").await?))
}

fn opening(title: &str, facts: &Facts) -> String {
    let mut text =
        format!("# {title}\n\nÉtabli le {} par le programme, d’après sa configuration.", wording::day(facts.today));
    text.push_str(
        " Ce qu’il ne peut pas savoir est marqué *à compléter* ; ce qui relève du droit est *à valider par le DPO*.\n",
    );
    if facts.demonstration {
        text.push_str("\n**Données de démonstration : toutes les personnes sont inventées.**\n");
    }
    text
}

fn write_register(facts: &Facts) -> String {
    let mut text = opening("Registre des activités de traitement : BienVeilleurs", facts);
    text.push_str(
        "\n## Responsable\n\n\
         - Responsable du traitement : Ville du Havre (*à compléter : service, adresse*)\n\
         - Délégué à la protection des données : *à compléter*\n\
         - Responsables conjoints : *à compléter, ou aucun*\n\
         \n## Finalités\n\n\
         1. Repérer les personnes isolées signalées et leur proposer la visite d’un BienVeilleur qui habite à quelques \
         minutes à pied.\n\
         2. Voir quelles rues personne ne couvre, pour y chercher des bénévoles et des relais.\n\
         3. Répondre aux droits des personnes et prouver qui a consulté quoi.\n\
         \nAucune décision automatisée : le programme classe par temps de marche et selon des points publiés, une personne \
         choisit.\n\
         \n## Base légale\n\n\
         - Mission d’intérêt public (RGPD, article 6.1.e) ; texte qui fonde la mission : *à compléter*.\n\
         - Données qui peuvent révéler l’état de santé (article 9.2) : *à valider par le DPO*.\n\
         \n## Personnes et données\n\n\
         | Personnes | Nombre | Données |\n|---|---|---|\n",
    );
    let [cases, volunteers, accounts] = facts.people;
    let _ = writeln!(
        text,
        "| Personnes ou familles signalées | {} | {}, état, dates et étapes du suivi, visites et appels (mots guidés, note \
         courte), institutions sollicitées, durée, origine du signalement |",
        about(cases),
        columns(&CASE_COLUMNS)
    );
    let _ = writeln!(
        text,
        "| BienVeilleurs | {} | {}, disponibilité, absences, marche maximale, allure |",
        about(volunteers),
        columns(&VOLUNTEER_COLUMNS)
    );
    text.push_str("| Relais | publics | enseigne, adresse, autocollant ; un particulier n’est jamais montré |\n");
    let _ = writeln!(
        text,
        "| Agents et bénévoles qui se connectent | {} | identifiant, nom, fonction, empreinte du mot de passe, journal |",
        about(accounts)
    );
    let (told, reporter) = REPORT_COLUMNS.split_at(3);
    let _ = writeln!(
        text,
        "\nChaque signalement est gardé avec la situation et effacé avec elle : {}, {}. La personne qui signale n’est pas \
         tenue de dire qui elle est ; si elle le dit, {} sont gardés à part, montrés à l’accueil et à la coordination seuls, et \
         ne sont pas communiqués à la personne signalée (RGPD, article 15.4). De même quand un relais signale par le code de \
         son autocollant : le relais est connu, et ce que la personne au comptoir laisse d’elle-même pour être rappelée est \
         gardé à part.",
        columns(told),
        columns(&HOUSEHOLD_COLUMNS),
        columns(reporter)
    );
    text.push_str(&recipients_table());
    text.push_str(
        "\n- Sous-traitants : aucun. Le programme n’appelle aucun tiers ; hébergement : *à compléter*.\n\
         - Transferts hors de l’Union européenne : aucun par le programme.\n",
    );
    text.push_str(&durations(facts));
    text.push_str(&measures(facts));
    text.push_str(
        "\n## Information et droits\n\n\
         - Une personne signalée par un tiers est informée au premier contact, au plus tard un mois après le signalement \
         (article 14.3) : la file « à informer » compte les jours.\n\
         - Accès, rectification, effacement, opposition : réponse sous un mois (article 12.3), comptée par le programme.\n\
         - Un refus efface la situation aussitôt. Restent un nombre et une empreinte à clé, qui avertit d’un nouveau \
         signalement de la même personne puis expire.\n",
    );
    if !facts.erasures.is_empty() {
        let reasons: Vec<String> = facts
            .erasures
            .iter()
            .map(|(reason, count)| {
                let words = match reason.as_str() {
                    "erasure" => "à la demande de la personne",
                    "opposition" => "après opposition",
                    "refusal" => "après refus de l’accompagnement",
                    "retention" => "au terme de la durée",
                    other => other,
                };
                format!("{words} : {}", about(*count))
            })
            .collect();
        let _ = writeln!(text, "- Effacements à ce jour : {}.", reasons.join(" ; "));
    }
    text.push_str(
        "\n## Limites connues\n\n\
         - Une sauvegarde contient, chiffrées, les personnes effacées depuis : sa durée s’ajoute à celles ci-dessus. Après \
         une restauration, les effacements faits depuis la sauvegarde sont à refaire (le registre des demandes et le journal \
         les donnent). Durée des sauvegardes : *à compléter*.\n\
         - Un fichier exporté est hors du programme : le journal dit qui l’a fait et quand.\n\
         - Les mots d’une demande ou d’un motif sont chiffrés et peuvent nommer quelqu’un : ils suivent la durée des demandes, ou \
         celle du journal.\n\
         - Tant qu’un effacement n’est pas prouvé, ce qui est à chercher (référence, empreintes, textes chiffrés que plus \
         aucune clé n’ouvre) reste dans la base, chiffré.\n\
         - Le numéro du compte d’un bénévole effacé reste dans le journal, sans son nom, jusqu’à la fin de sa durée.\n\
         - Une base remise tout entière dans un état antérieur ne se voit pas de l’intérieur : noter ailleurs la fin des \
         chaînes qu’affiche la vérification du journal.\n",
    );
    text
}

fn recipients_table() -> String {
    let mut text = String::from("\n## Destinataires\n\n| Fonction | Situations | BienVeilleurs |\n|---|---|---|\n");
    let (cases, volunteers) = (wording::recipients(Record::Cases), wording::recipients(Record::Volunteers));
    for role in Role::ALL {
        let name = wording::role(*role);
        let of = |list: &[(&str, String)]| {
            list.iter().find(|(known, _)| *known == name).map_or_else(|| "rien".to_owned(), |(_, words)| words.clone())
        };
        let _ = writeln!(text, "| {name} | {} | {} |", of(&cases), of(&volunteers));
    }
    let emergency: Vec<&str> = Right::BreakGlass.roles().iter().map(|role| wording::role(*role)).collect();
    let _ =
        writeln!(text, "\nAccès d’urgence, motivé, limité dans le temps et signalé au DPO : {}.", emergency.join(", "));
    text
}

fn durations(facts: &Facts) -> String {
    let Durations { years, audit_months, opposition_months } = facts.measures.durations;
    format!(
        "\n## Durées\n\n| Données | Durée | Comment elles partent |\n|---|---|---|\n\
         | Situations | {years} an(s) après le dernier contact | liste, signature d’une seconde personne, purge, preuve |\n\
         | BienVeilleurs et leur compte | durée de l’engagement | effacement décidé ou demandé |\n\
         | Relais | durée de l’engagement | effacement décidé ou demandé |\n\
         | Qui a signalé pour un relais, et le reçu | 180 jours après le signalement, ou avec la situation | supprimés au démarrage \
         du serveur, puis chaque jour |\n\
         | Journal des consultations | {audit_months} mois | mois entiers, sous un point de contrôle signé |\n\
         | Empreinte à clé après un refus ou une opposition | {opposition_months} mois | supprimée au démarrage du serveur, \
         puis chaque jour |\n\
         | Empreinte à clé de la référence d’une personne effacée | *à valider par le DPO* | évite qu’un ancien fichier la \
         fasse revenir |\n\
         | Demandes des personnes | {REQUEST_YEARS} ans après la réponse (*à valider par le DPO*) | supprimées au démarrage du \
         serveur, puis chaque jour |\n\
         | Avis d’accès d’urgence au DPO | {audit_months} mois, une fois vus | supprimés au démarrage du serveur, puis chaque \
         jour |\n\
         \nUne situation encore suivie par un BienVeilleur n’est jamais purgée : si sa date est passée, elle est signalée à \
         la coordination.\n"
    )
}

fn measures(facts: &Facts) -> String {
    let Measures { tls, second_factor_required, .. } = facts.measures;
    let base = if facts.file { "fichier SQLite" } else { "serveur PostgreSQL" };
    let transport =
        if tls { "TLS en service" } else { "**sans TLS : le service ne répond qu’à la machine où il tourne**" };
    let factor = if second_factor_required {
        "exigé des fonctions qui voient où les gens habitent"
    } else {
        "**possible, non exigé**"
    };
    format!(
        "\n## Mesures de sécurité\n\n\
         - Chiffrement au repos, champ par champ (XChaCha20-Poly1305), clé n° {} hors de la base ({base}) ; recherche par \
         empreintes à clé.\n\
         - Transport : {transport}.\n\
         - Mots de passe : Argon2id, règle d’entropie de la CNIL, délai croissant après chaque échec. Second facteur : {factor}.\n\
         - Séparation des fonctions : une table unique dit qui voit quoi ; les positions sont arrondies ou masquées pour qui \
         n’a pas à les connaître, et les petits effectifs ne sont pas montrés.\n\
         - Journal : chaque lecture, écriture, export, connexion et refus ; lignes signées et chaînées, jamais modifiables ; \
         gardé {} mois ; vérifiable par une commande et depuis la page.\n\
         - Purge prouvée : ce qui est effacé est recherché octet par octet dans la base.\n\
         - Sauvegardes : *à compléter*. Habilitations et leur revue : *à compléter*.\n",
        facts.key, facts.measures.durations.audit_months
    )
}

fn write_dpia(facts: &Facts) -> String {
    let mut text = opening("Analyse d’impact (AIPD) : trame", facts);
    text.push_str(
        "\nUne analyse est à prévoir : personnes vulnérables, données qui peuvent révéler l’état de santé, croisement avec le \
         lieu du domicile (RGPD, article 35 ; liste de la CNIL). *Conclusion à valider par le DPO.*\n\
         \n## 1. Le traitement\n\nVoir le registre : finalités, données, destinataires, durées, mesures.\n\
         \n## 2. Nécessité et proportion\n\n\
         | Principe | Ce qui est fait | À valider |\n|---|---|---|\n\
         | Minimisation | trois champs obligatoires à l’accueil ; aucun champ de diagnostic ; texte libre de 500 caractères \
         que la personne peut lire un jour | DPO |\n",
    );
    let Durations { years, audit_months, .. } = facts.measures.durations;
    let _ = writeln!(
        text,
        "| Durée limitée | {years} an(s) après le dernier contact ; journal {audit_months} mois | DPO |"
    );
    text.push_str(
        "| Exactitude | un doublon avertit ; la coordination corrige une situation dans la page, et la correction est tracée | coordination |\n\
         | Information | au premier contact, au plus tard un mois après le signalement | coordination |\n\
         | Droits | guichet avec le compte des jours ; effacement prouvé | DPO |\n",
    );
    text.push_str(&recipients_table());
    text.push_str(
        "\n## 3. Risques pour les personnes\n\n\
         | Événement redouté | Ce qui le rend difficile | Ce qui reste | Gravité, vraisemblance |\n|---|---|---|---|\n\
         | Vol de la base ou d’une sauvegarde | chiffrement champ par champ, clé ailleurs | vol de la base *et* de la clé | \
         *à compléter* |\n\
         | Compte d’un bénévole détourné | il ne voit que les personnes qu’il accompagne ; code après 15 minutes | ces \
         personnes-là | *à compléter* |\n\
         | Curiosité d’un agent | chaque lecture laisse une ligne signée ; le DPO la voit | la lecture a eu lieu | \
         *à compléter* |\n\
         | Domicile deviné d’après une carte | positions masquées, hexagones sans petits effectifs | probabilité d’au plus \
         1 sur 11 par conception | *à compléter* |\n\
         | Personne qui ne veut pas être signalée | information au premier contact, refus qui efface, avertissement ensuite | \
         le premier signalement | *à compléter* |\n\
         | Journal falsifié | lignes chaînées et signées, vérification | retour de toute la base en arrière | *à compléter* |\n\
         | Données perdues | transactions ; sauvegardes *à compléter* | depuis la dernière sauvegarde | *à compléter* |\n",
    );
    text.push_str(&measures(facts));
    text.push_str(
        "\n## 4. Avis et décision\n\n\
         - Avis du DPO : *à compléter*\n\
         - Avis des personnes ou de leurs représentants (article 35.9) : *à compléter*\n\
         - Risque résiduel et décision du responsable : *à compléter*\n\
         - Consultation préalable de la CNIL (article 36) si le risque reste élevé : *à compléter*\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            measures: Measures { durations: Durations::default(), tls: false, second_factor_required: true },
            today: NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day"),
            key: 3,
            file: true,
            people: [64, 10, 11],
            erasures: vec![("refusal".into(), 4)],
            demonstration: false,
        }
    }

    #[test]
    fn a_small_count_is_not_given_and_a_large_one_is_rounded() {
        assert_eq!(about(0), about(10));
        assert_eq!(about(11), "environ 10");
        assert_eq!(about(64), "environ 60");
    }

    #[test]
    fn every_sealed_column_has_its_french_word() {
        for column in CASE_COLUMNS.iter().chain(&VOLUNTEER_COLUMNS).chain(&REPORT_COLUMNS).chain(&HOUSEHOLD_COLUMNS) {
            assert!(holds(column) != *column, "{column} is new: say in the register what it holds");
        }
    }

    #[test]
    fn the_register_says_what_is_in_force() {
        let text = write_register(&facts());
        for expected in [
            "2 an(s) après le dernier contact",
            "12 mois",
            "24 mois",
            "clé n° 3",
            "sans TLS",
            "exigé des fonctions",
            "environ 60",
            "moins de 11",
            "à valider par le DPO",
            "après refus de l’accompagnement : moins de 11",
        ] {
            assert!(text.contains(expected), "{expected}");
        }
        assert!(!text.contains("64") && !text.contains(" 4."), "no exact count");
        let longer = Durations { years: 3, audit_months: 6, opposition_months: 36 };
        let other =
            Facts { measures: Measures { durations: longer, tls: true, second_factor_required: false }, ..facts() };
        let text = write_register(&other);
        assert!(text.contains("3 an(s)") && text.contains("6 mois") && text.contains("TLS en service"));
    }

    #[test]
    fn each_role_stands_in_the_table_of_recipients() {
        let (register, dpia) = (write_register(&facts()), write_dpia(&facts()));
        for role in Role::ALL {
            let line = format!("\n| {} |", wording::role(*role));
            assert!(register.contains(&line) && dpia.contains(&line), "{role}");
        }
        assert!(register.contains("| administration des comptes | rien | rien |"));
    }
}
