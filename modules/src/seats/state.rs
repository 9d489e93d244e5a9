//! Every key of the store `seats`.
