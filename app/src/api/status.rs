//! Refusals as HTTP answers: the gRPC gateway's statuses and body, which wallets and explorers know.

use http::StatusCode;
use jmes_modules::kernel::{QueryCode, QueryError};

/// The HTTP status of a gRPC code.
pub const fn http_status(code: QueryCode) -> StatusCode {
    match code {
        QueryCode::InvalidArgument | QueryCode::OutOfRange => StatusCode::BAD_REQUEST,
        QueryCode::NotFound => StatusCode::NOT_FOUND,
        QueryCode::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        QueryCode::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        QueryCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        QueryCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The body `{"code":…,"message":…,"details":[]}`.
pub fn error_body(code: u32, message: &str) -> Vec<u8> {
    #[derive(serde::Serialize)]
    struct Body<'a> {
        code: u32,
        message: &'a str,
        details: [(); 0],
    }
    serde_json::to_vec(&Body { code, message, details: [] }).unwrap_or_default()
}

/// The same as a gRPC status.
pub fn grpc_status(error: QueryError) -> tonic::Status {
    tonic::Status::new(tonic::Code::from_i32(error.code as i32), error.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_escape_what_the_message_says() {
        assert_eq!(
            String::from_utf8(error_body(3, "a \"b\"\n")).unwrap(),
            r#"{"code":3,"message":"a \"b\"\n","details":[]}"#
        );
    }

    #[test]
    fn statuses_are_the_gateways() {
        assert_eq!(http_status(QueryCode::InvalidArgument).as_u16(), 400);
        assert_eq!(http_status(QueryCode::NotFound).as_u16(), 404);
        assert_eq!(http_status(QueryCode::Unimplemented).as_u16(), 501);
        assert_eq!(http_status(QueryCode::Unavailable).as_u16(), 503);
    }
}
