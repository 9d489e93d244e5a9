//! What must always hold in the store `identity`.

use super::{check_name, check_params, params, state, Kind};
use crate::kernel::{codes, Error, Result, View};

pub(super) fn check(view: &View) -> Result<()> {
    check_params(&params(view)?).map_err(|error| broken(error.message))?;
    let holders = state::HOLDERS.scan(view, &[], None, false, usize::MAX)?;
    for (address, holder) in &holders {
        let name = &holder.name;
        check_name(name).map_err(|error| broken(error.message))?;
        if state::NAMES.load(view, name)? != Some(*address) {
            return Err(broken(format!("\"{name}\" is not the name of {address}, which has it")));
        }
        let length = if holder.kind == Kind::User { 20 } else { 32 };
        if address.as_bytes().len() != length {
            return Err(broken(format!("{address} is no address of a {}", holder.kind.name())));
        }
    }
    let names = state::NAMES.scan(view, &[], None, false, usize::MAX)?.len();
    if names != holders.len() {
        return Err(broken(format!("{names} names belong to {} addresses", holders.len())));
    }
    Ok(())
}

fn broken(why: String) -> Error {
    Error::sdk(codes::LOGIC, format!("identity: {why}"))
}
