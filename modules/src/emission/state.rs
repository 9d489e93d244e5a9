//! Every key of the store `emission`.
