// grpc-go against the lab methods: `check` proves interoperability, `load` measures the server's CPU per call. Built and run by
// test/rpc/interop.test.ts and native-free-bench/micro/grpc-server-cost/.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"os"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
)

// rawCodec passes bytes through: no protobuf on either side.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(*(v.(*[]byte)))}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	*(v.(*[]byte)) = data.Materialize()
	return nil
}

func init() { encoding.RegisterCodecV2(rawCodec{}) }

const lab = "/lab.Test/"

var (
	addr  = flag.String("addr", "127.0.0.1:7777", "host:port of the server")
	ca    = flag.String("ca", "", "PEM of the authority; TLS when given")
	gzip  = flag.Bool("gzip", false, "compress requests")
	conns = flag.Int("conns", 2, "connections")
	conc  = flag.Int("conc", 64, "calls in flight")
	calls = flag.Int("calls", 20000, "calls to measure")
	warm  = flag.Int("warm", 5000, "calls before measuring")
	size  = flag.Int("size", 300, "bytes of a request")
	path  = flag.String("method", "Small", "method to call")
)

func main() {
	mode := os.Args[1]
	if err := flag.CommandLine.Parse(os.Args[2:]); err != nil {
		panic(err)
	}
	clients := make([]*grpc.ClientConn, *conns)
	for i := range clients {
		clients[i] = dial()
	}
	if mode == "check" {
		check(clients)
	} else {
		load(clients)
	}
}

func dial() *grpc.ClientConn {
	transport := insecure.NewCredentials()
	if *ca != "" {
		pem, err := os.ReadFile(*ca)
		if err != nil {
			panic(err)
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		transport = credentials.NewTLS(&tls.Config{RootCAs: pool})
	}
	options := []grpc.CallOption{grpc.MaxCallRecvMsgSize(64 << 20)}
	if *gzip {
		options = append(options, grpc.UseCompressor("gzip"))
	}
	conn, err := grpc.NewClient("passthrough:///"+*addr, grpc.WithTransportCredentials(transport), grpc.WithDefaultCallOptions(options...))
	if err != nil {
		panic(err)
	}
	return conn
}

// base is what a Temporal SDK sends with each call.
func base() context.Context {
	return metadata.NewOutgoingContext(context.Background(), metadata.Pairs(
		"client-name", "temporal-go", "client-version", "1.38.0", "supported-server-versions", ">=1.0.0 <2.0.0",
		"temporal-namespace", "default", "caller-type", "api", "authorization", "Bearer "+strings.Repeat("aB3_-x9", 28)))
}

func invoke(ctx context.Context, conn *grpc.ClientConn, method string, in []byte) ([]byte, error) {
	var out []byte
	err := conn.Invoke(ctx, method, &in, &out)
	return out, err
}

func fail(format string, args ...any) {
	fmt.Printf("FAIL "+format+"\n", args...)
	failed = true
}

var failed bool
