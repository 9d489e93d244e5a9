//! Tests of seats, each named after the rule of §6 that it checks.
