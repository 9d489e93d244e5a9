//! Tests of slots and features.
