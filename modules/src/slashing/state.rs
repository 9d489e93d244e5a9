//! Every key of the store `slashing`.
