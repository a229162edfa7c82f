//! Stub.
use crate::domain::address::Address;
/// x
#[derive(Debug, Default)]
pub struct AddressIndex(Vec<Address>);
impl AddressIndex {
    /// x
    pub fn build(a: Vec<Address>) -> Self {
        Self(a)
    }
    /// x
    pub fn all(&self) -> &[Address] {
        &self.0
    }
    /// x
    pub fn exact(&self, _t: &str) -> Option<&Address> {
        None
    }
    /// x
    pub fn search(&self, _t: &str, _limit: usize) -> Vec<&Address> {
        Vec::new()
    }
}
