"""grpcio against the lab methods: `python3 check.py host:port [ca.pem]`. Run by test/rpc/interop.test.ts."""

import sys

import grpc

LAB = "/lab.Test/"


def raw(data):
    return data


def check(target, ca, compression):
    if ca:
        with open(ca, "rb") as pem:
            channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(pem.read()), compression=compression)
    else:
        channel = grpc.insecure_channel(target, compression=compression)
    with channel:
        call = lambda name: channel.unary_unary(LAB + name, raw, raw)
        assert len(call("Small")(b"x" * 300, timeout=10)) == 60
        assert call("Echo")(b"", timeout=10) == b""
        big = bytes(i % 251 for i in range(1 << 20))
        assert call("Echo")(big, timeout=10) == big
        assert len(call("Big")(b"", timeout=10)) == 1 << 20
        reply, details = call("Metadata").with_call(b"x-value", metadata=[("x-value", "some"), ("x-bin", b"\x00\xff")], timeout=10)
        assert reply == b'["some"]', reply
        assert ("x-answer", "forty two") in details.initial_metadata()
        for name, code, text in (
            ("Fail", grpc.StatusCode.NOT_FOUND, "nicht gefunden: ü 100%"),
            ("Nope", grpc.StatusCode.UNIMPLEMENTED, "unknown method Nope"),
        ):
            try:
                call(name)(b"", timeout=10)
                raise AssertionError(name + " went well")
            except grpc.RpcError as error:
                assert error.code() == code and text in error.details(), error
        try:
            call("Park")(b"", timeout=0.2)
            raise AssertionError("Park was answered")
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error
        count = sum(1 for _ in channel.unary_stream(LAB + "Count", raw, raw)(b"\0\0\1\0\0\0\x10\0", timeout=10))
        assert count == 256, count
        words = [b"one", b"two", b"three"]
        assert list(channel.stream_stream(LAB + "Chat", raw, raw)(iter(words), timeout=10)) == words
        futures = [call("Echo").future(b"%d" % i, timeout=10) for i in range(1000)]
        assert [f.result() for f in futures] == [b"%d" % i for i in range(1000)]


for compression in (grpc.Compression.NoCompression, grpc.Compression.Gzip):
    check(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None, compression)
print("ok")
