// Pins the .proto files that proto/src/descriptor.bin and proto/src/gen are generated from (scripts/proto).
module jmes.dev/proto

go 1.23

require (
	github.com/cosmos/cosmos-proto v1.0.0-beta.5
	github.com/cosmos/cosmos-sdk v0.53.8
	github.com/cosmos/gogoproto v1.7.2
	github.com/grpc-ecosystem/grpc-gateway v1.16.0
)
