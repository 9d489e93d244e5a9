//! Every key of the store `premint`.
