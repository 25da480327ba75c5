package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand"
	"os"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

func verify(name string, ok bool, detail any) {
	if ok {
		fmt.Println("ok  ", name)
	} else {
		fail("%s: %v", name, detail)
	}
}

func check(conns []*grpc.ClientConn) {
	conn, ctx := conns[0], base()
	big := make([]byte, 1<<20)
	rand.New(rand.NewSource(1)).Read(big)

	out, err := invoke(ctx, conn, lab+"Small", make([]byte, 300))
	verify("a small call", err == nil && len(out) == 60, err)
	out, err = invoke(ctx, conn, lab+"Echo", nil)
	verify("an empty message", err == nil && len(out) == 0, err)
	out, err = invoke(ctx, conn, lab+"Echo", big)
	verify("1 MiB both ways", err == nil && bytes.Equal(out, big), err)
	out, err = invoke(ctx, conn, lab+"Big", nil)
	verify("1 MiB back", err == nil && len(out) == 1<<20, err)
	_, err = invoke(ctx, conn, lab+"Fail", nil)
	verify("a status in UTF-8", status.Code(err) == codes.NotFound && strings.Contains(err.Error(), "nicht gefunden: ü 100%"), err)
	verify("its typed detail", len(status.Convert(err).Proto().GetDetails()) == 1, err)
	_, err = invoke(ctx, conn, lab+"Nope", nil)
	verify("an unknown method", status.Code(err) == codes.Unimplemented && strings.Contains(err.Error(), "unknown method Nope for service lab.Test"), err)
	_, err = invoke(ctx, conn, lab+"Echo", append(append([]byte{}, big...), make([]byte, 4<<20)...))
	verify("a message over the limit", status.Code(err) == codes.ResourceExhausted, err)
	long := strings.Repeat("\\", 9000) + strings.Repeat("^{", 9000)
	out, err = invoke(metadata.AppendToOutgoingContext(ctx, "x-long", long), conn, lab+"Metadata", []byte("x-long"))
	verify("headers of 27 kB", err == nil && len(out) > 27000, err)
	_, err = invoke(metadata.AppendToOutgoingContext(ctx, "x-some-bin", "\x00\xff\x01"), conn, lab+"Metadata", []byte("x-some-bin"))
	verify("binary metadata", err == nil, err)
	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	_, err = invoke(short, conn, lab+"Park", nil)
	cancel()
	verify("a deadline", status.Code(err) == codes.DeadlineExceeded, err)
	checkStreams(ctx, conn)
	checkParallel(ctx, conns, big)
	checkCancels(ctx, conns)
	if failed {
		os.Exit(1)
	}
}

func checkStreams(ctx context.Context, conn *grpc.ClientConn) {
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, lab+"Count")
	request := []byte{0, 0, 1, 0, 0, 0, 0x40, 0} // 256 messages of 16 KiB
	if err == nil {
		err = stream.SendMsg(&request)
	}
	if err == nil {
		err = stream.CloseSend()
	}
	count := 0
	for err == nil {
		var message []byte
		if err = stream.RecvMsg(&message); err == nil {
			count++
		}
	}
	verify("a stream of 256 messages", err == io.EOF && count == 256, err)

	chat, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, lab+"Chat")
	for i := 0; i < 10 && err == nil; i++ {
		word, answer := []byte(fmt.Sprint("word ", i)), []byte(nil)
		if err = chat.SendMsg(&word); err == nil {
			err = chat.RecvMsg(&answer)
		}
		if err == nil && !bytes.Equal(word, answer) {
			err = fmt.Errorf("got %q", answer)
		}
	}
	verify("a conversation", err == nil, err)
	if err == nil {
		chat.CloseSend()
		var none []byte
		verify("its end", chat.RecvMsg(&none) == io.EOF, "no EOF")
	}
}

func checkParallel(ctx context.Context, conns []*grpc.ClientConn, big []byte) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	bad := 0
	run := func(n int, one func(i int) bool) {
		for i := 0; i < n; i++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if !one(i) {
					mu.Lock()
					bad++
					mu.Unlock()
				}
			}()
			if i%200 == 199 {
				wg.Wait()
			}
		}
		wg.Wait()
	}
	run(128, func(i int) bool {
		in := big[i*1000 : i*1000+(256<<10)]
		out, err := invoke(ctx, conns[i%len(conns)], lab+"Echo", in)
		return err == nil && bytes.Equal(in, out)
	})
	verify("128 echoes of 256 KiB at once", bad == 0, bad)
	run(10000, func(i int) bool {
		value := fmt.Sprintf("v-%d-%s", i, strings.Repeat("x", i%97))
		cx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(ctx, "x-value", value, fmt.Sprintf("x-key-%d", i%61), value), 10*time.Second)
		defer cancel()
		out, err := invoke(cx, conns[i%len(conns)], lab+"Metadata", []byte("x-value"))
		return err == nil && string(out) == "[\""+value+"\"]"
	})
	verify("10,000 calls with changing headers", bad == 0, bad)
}

func checkCancels(ctx context.Context, conns []*grpc.ClientConn) {
	var wg sync.WaitGroup
	for i := 0; i < 2000; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			cx, cancel := context.WithCancel(ctx)
			go func() { time.Sleep(5 * time.Millisecond); cancel() }()
			invoke(cx, conns[i%len(conns)], lab+"Park", nil)
		}()
	}
	wg.Wait()
	out, err := invoke(ctx, conns[0], lab+"Small", nil)
	verify("a call after 2,000 cancelled ones", err == nil && len(out) == 60, err)
}
