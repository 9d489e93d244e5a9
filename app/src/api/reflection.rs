//! gRPC server reflection, v1 and v1alpha: the descriptors, for tools that have no .proto files. The two versions' messages
//! are the same bytes.

use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Body;
use jmes_proto::prost_reflect::{DescriptorPool, ExtensionDescriptor, FileDescriptor};
use tokio_stream::StreamExt;
use tonic::{body::BoxBody, codec::ProstCodec, server::Grpc, Code, Status, Streaming};
use tonic_reflection::pb::{
    v1::{
        self, server_reflection_request::MessageRequest as Ask,
        server_reflection_response::MessageResponse as Tell, ErrorResponse, ExtensionNumberResponse,
        FileDescriptorResponse, ListServiceResponse, ServerReflectionRequest, ServerReflectionResponse,
        ServiceResponse,
    },
    v1alpha,
};

/// The paths answered here.
pub const PATHS: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// Largest request, in bytes: a name.
const REQUEST_BYTES: usize = 16 << 10;

/// The reflection services.
#[derive(Debug)]
pub struct Reflection {
    services: Vec<String>,
    pools: Vec<DescriptorPool>,
}

impl Reflection {
    /// Reflection of the services of these full names, and of itself.
    pub fn new(services: &[String]) -> Self {
        let mut services = services.to_vec();
        services.extend(PATHS.iter().filter_map(|path| path.split('/').nth(1)).map(str::to_owned));
        let own = [v1::FILE_DESCRIPTOR_SET, v1alpha::FILE_DESCRIPTOR_SET];
        let own = own.into_iter().filter_map(|set| DescriptorPool::decode(set).ok());
        let pools = std::iter::once(jmes_proto::pool().clone()).chain(own).collect();
        Self { services, pools }
    }

    /// Answers one call: a stream of questions, each with its answer.
    #[allow(clippy::result_large_err, reason = "the size of tonic's own error")]
    pub async fn serve<B>(self: &Arc<Self>, request: Request<B>) -> Response<BoxBody>
    where
        B: Body<Error: Into<tonic::codegen::StdError> + Send> + Send + 'static,
    {
        let reflection = self.clone();
        let service =
            tower::service_fn(move |request: tonic::Request<Streaming<ServerReflectionRequest>>| {
                let reflection = reflection.clone();
                async move {
                    let answers = request.into_inner().map(move |ask| Ok(reflection.answer(ask?)));
                    Ok::<_, Status>(tonic::Response::new(answers))
                }
            });
        let codec = ProstCodec::<ServerReflectionResponse, ServerReflectionRequest>::default();
        Grpc::new(codec).max_decoding_message_size(REQUEST_BYTES).streaming(service, request).await
    }

    fn answer(&self, request: ServerReflectionRequest) -> ServerReflectionResponse {
        let told = match request.message_request.clone() {
            Some(Ask::ListServices(_)) => {
                let service =
                    self.services.iter().map(|name| ServiceResponse { name: name.clone() }).collect();
                Ok(Tell::ListServicesResponse(ListServiceResponse { service }))
            }
            Some(Ask::FileByFilename(name)) => {
                self.file(&format!("file {name}"), |pool| pool.get_file_by_name(&name))
            }
            Some(Ask::FileContainingSymbol(name)) => {
                self.file(&format!("symbol {name}"), |pool| file_of_symbol(pool, &name))
            }
            Some(Ask::FileContainingExtension(asked)) => {
                let number = u32::try_from(asked.extension_number).unwrap_or(0);
                let what = format!("extension {number} of {}", asked.containing_type);
                self.file(&what, |pool| {
                    let message = pool.get_message_by_name(&asked.containing_type)?;
                    Some(message.get_extension(number)?.parent_file())
                })
            }
            Some(Ask::AllExtensionNumbersOfType(name)) => self.extensions(name),
            None => Err((Code::InvalidArgument, "the request asks nothing".to_owned())),
        };
        let message_response = told.unwrap_or_else(|(code, error_message)| {
            Tell::ErrorResponse(ErrorResponse { error_code: code as i32, error_message })
        });
        ServerReflectionResponse {
            valid_host: request.host.clone(),
            original_request: Some(request),
            message_response: Some(message_response),
        }
    }

    fn file(
        &self,
        what: &str,
        find: impl Fn(&DescriptorPool) -> Option<FileDescriptor>,
    ) -> Result<Tell, (Code, String)> {
        let file = self.pools.iter().find_map(find);
        let file = file.ok_or_else(|| (Code::NotFound, format!("{what} not found")))?;
        let file_descriptor_proto = vec![file.encode_to_vec()];
        Ok(Tell::FileDescriptorResponse(FileDescriptorResponse { file_descriptor_proto }))
    }

    fn extensions(&self, base_type_name: String) -> Result<Tell, (Code, String)> {
        let message = self.pools.iter().find_map(|pool| pool.get_message_by_name(&base_type_name));
        let message = message.ok_or_else(|| (Code::NotFound, format!("type {base_type_name} not found")))?;
        let number = |extension: ExtensionDescriptor| i32::try_from(extension.number()).unwrap_or_default();
        let extension_number = message.extensions().map(number).collect();
        Ok(Tell::AllExtensionNumbersResponse(ExtensionNumberResponse { base_type_name, extension_number }))
    }
}

/// The file of a message, enum, service or extension, or of a field or method of one.
fn file_of_symbol(pool: &DescriptorPool, name: &str) -> Option<FileDescriptor> {
    let defined = |name: &str| {
        let message = pool.get_message_by_name(name).map(|found| found.parent_file());
        let message = message.or_else(|| pool.get_service_by_name(name).map(|found| found.parent_file()));
        let message = message.or_else(|| pool.get_enum_by_name(name).map(|found| found.parent_file()));
        message.or_else(|| pool.get_extension_by_name(name).map(|found| found.parent_file()))
    };
    defined(name).or_else(|| {
        let (parent, member) = name.rsplit_once('.')?;
        let is_method = pool
            .get_service_by_name(parent)
            .is_some_and(|service| service.methods().any(|method| method.name() == member));
        let is_field = pool
            .get_message_by_name(parent)
            .is_some_and(|message| message.get_field_by_name(member).is_some());
        (is_method || is_field).then(|| defined(parent))?
    })
}

#[cfg(test)]
mod tests {
    use jmes_proto::prost_reflect::prost_types::FileDescriptorProto;
    use prost::Message;

    use super::*;

    fn ask(question: Ask) -> Tell {
        let reflection = Reflection::new(&["cosmos.bank.v1beta1.Query".to_owned()]);
        let request = ServerReflectionRequest { host: String::new(), message_request: Some(question) };
        reflection.answer(request).message_response.unwrap()
    }

    fn file(question: Ask) -> Option<FileDescriptorProto> {
        match ask(question) {
            Tell::FileDescriptorResponse(files) => {
                Some(FileDescriptorProto::decode(files.file_descriptor_proto[0].as_slice()).unwrap())
            }
            _ => None,
        }
    }

    #[test]
    fn files_are_found_by_name_symbol_and_extension() {
        for symbol in [
            "cosmos.bank.v1beta1.Query",
            "cosmos.bank.v1beta1.Query.Balance",
            "cosmos.bank.v1beta1.QueryBalanceRequest",
            "cosmos.bank.v1beta1.QueryBalanceRequest.denom",
        ] {
            let found = file(Ask::FileContainingSymbol(symbol.to_owned())).unwrap();
            assert_eq!(found.name(), "cosmos/bank/v1beta1/query.proto");
        }
        let by_name = file(Ask::FileByFilename("cosmos/bank/v1beta1/query.proto".to_owned())).unwrap();
        assert_eq!(by_name.package(), "cosmos.bank.v1beta1");
        let http = v1::ExtensionRequest {
            containing_type: "google.protobuf.MethodOptions".to_owned(),
            extension_number: 72_295_728,
        };
        let found = file(Ask::FileContainingExtension(http)).unwrap();
        assert_eq!(found.name(), "google/api/annotations.proto");
        let own = file(Ask::FileContainingSymbol("grpc.reflection.v1alpha.ServerReflection".to_owned()));
        assert!(own.is_some());
    }

    #[test]
    fn what_is_not_there_is_an_error_in_the_stream() {
        for symbol in ["", ".", "cosmos.bank.v1beta1.Query.Nothing", "nothing"] {
            assert!(matches!(
                ask(Ask::FileContainingSymbol(symbol.to_owned())),
                Tell::ErrorResponse(ErrorResponse { error_code: 5, .. })
            ));
        }
    }

    #[test]
    fn only_answered_services_are_listed() {
        let Tell::ListServicesResponse(list) = ask(Ask::ListServices(String::new())) else { panic!() };
        let names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
        assert_eq!(
            names,
            [
                "cosmos.bank.v1beta1.Query",
                "grpc.reflection.v1.ServerReflection",
                "grpc.reflection.v1alpha.ServerReflection"
            ]
        );
    }
}
