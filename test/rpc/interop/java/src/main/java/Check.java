import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** grpc-java against the lab methods: `java Check host:port [ca.pem]`. */
public final class Check {
  private static final MethodDescriptor.Marshaller<byte[]> RAW = new MethodDescriptor.Marshaller<>() {
    @Override public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  };

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodDescriptor.MethodType type) {
    return MethodDescriptor.newBuilder(RAW, RAW).setFullMethodName("lab.Test/" + name).setType(type).build();
  }

  private static MethodDescriptor<byte[], byte[]> unary(String name) {
    return method(name, MethodDescriptor.MethodType.UNARY);
  }

  private static void verify(boolean ok, String what) {
    if (!ok) throw new AssertionError(what);
  }

  public static void main(String[] args) throws Exception {
    NettyChannelBuilder builder = NettyChannelBuilder.forTarget(args[0]).maxInboundMessageSize(64 << 20);
    if (args.length > 1) {
      builder.sslContext(GrpcSslContexts.forClient().trustManager(new File(args[1])).build());
    } else {
      builder.usePlaintext();
    }
    ManagedChannel channel = builder.build();
    try {
      for (String compression : new String[] {"identity", "gzip"}) check(channel, compression);
      System.out.println("ok");
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private static void check(ManagedChannel channel, String compression) throws Exception {
    CallOptions options = CallOptions.DEFAULT.withCompression(compression).withDeadlineAfter(30, TimeUnit.SECONDS);
    verify(ClientCalls.blockingUnaryCall(channel, unary("Small"), options, new byte[300]).length == 60, "small");
    verify(ClientCalls.blockingUnaryCall(channel, unary("Echo"), options, new byte[0]).length == 0, "empty");
    byte[] big = new byte[1 << 20];
    new Random(1).nextBytes(big);
    verify(Arrays.equals(big, ClientCalls.blockingUnaryCall(channel, unary("Echo"), options, big)), "1 MiB both ways");
    verify(ClientCalls.blockingUnaryCall(channel, unary("Big"), options, new byte[0]).length == 1 << 20, "1 MiB back");
    Metadata metadata = new Metadata();
    metadata.put(Metadata.Key.of("x-value", Metadata.ASCII_STRING_MARSHALLER), "some");
    metadata.put(Metadata.Key.of("x-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {0, -1});
    byte[] values = ClientCalls.blockingUnaryCall(
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(metadata)),
        unary("Metadata"), options, "x-value".getBytes());
    verify(new String(values).equals("[\"some\"]"), "metadata");
    fails(channel, options, "Fail", Status.Code.NOT_FOUND, "nicht gefunden: \u00fc 100%");
    fails(channel, options, "Nope", Status.Code.UNIMPLEMENTED, "unknown method Nope");
    fails(channel, options.withDeadlineAfter(200, TimeUnit.MILLISECONDS), "Park", Status.Code.DEADLINE_EXCEEDED, "");
    int count = 0;
    var messages = ClientCalls.blockingServerStreamingCall(
        channel, method("Count", MethodDescriptor.MethodType.SERVER_STREAMING), options, new byte[] {0, 0, 1, 0, 0, 0, 16, 0});
    for (; messages.hasNext(); messages.next()) count++;
    verify(count == 256, "a stream of 256 messages");
    Future<?>[] calls = new Future<?>[2000];
    for (int i = 0; i < calls.length; i++) {
      calls[i] = ClientCalls.futureUnaryCall(channel.newCall(unary("Echo"), options), ("call " + i).getBytes());
    }
    for (int i = 0; i < calls.length; i++) verify(new String((byte[]) calls[i].get()).equals("call " + i), "call " + i);
  }

  private static void fails(ManagedChannel channel, CallOptions options, String name, Status.Code code, String text) {
    try {
      ClientCalls.blockingUnaryCall(channel, unary(name), options, new byte[0]);
    } catch (StatusRuntimeException e) {
      verify(e.getStatus().getCode() == code && e.getStatus().getDescription().contains(text), name + ": " + e);
      return;
    }
    throw new AssertionError(name + " went well");
  }
}
