//! Tests of funding.
