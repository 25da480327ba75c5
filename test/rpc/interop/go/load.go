package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
)

type usage struct{ User, System, Reads, Writes float64 }

func serverUsage(conn *grpc.ClientConn) (u usage) {
	out, err := invoke(context.Background(), conn, lab+"Usage", nil)
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(out, &u); err != nil {
		panic(err)
	}
	return
}

// load prints one line of JSON: microseconds of the server's CPU per call, calls per second, latencies in microseconds.
func load(conns []*grpc.ClientConn) {
	body := make([]byte, *size)
	for i := range body {
		body[i] = "default-workflow-id-task-queue"[(i*i+i/7)%30]
	}
	run := func(n int) ([]time.Duration, time.Duration, int64) {
		latencies := make([]time.Duration, n)
		var next, received int64
		var wg sync.WaitGroup
		began := time.Now()
		ctx := base()
		for w := 0; w < *conc; w++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for {
					i := atomic.AddInt64(&next, 1) - 1
					if i >= int64(n) {
						return
					}
					start := time.Now()
					cx, cancel := context.WithTimeout(ctx, 10*time.Second)
					out, err := invoke(cx, conns[w%len(conns)], lab+*path, body)
					cancel()
					if err != nil {
						panic(err)
					}
					atomic.AddInt64(&received, int64(len(out)))
					latencies[i] = time.Since(start)
				}
			}()
		}
		wg.Wait()
		return latencies, time.Since(began), received
	}
	run(*warm)
	before := serverUsage(conns[0])
	latencies, elapsed, received := run(*calls)
	after := serverUsage(conns[0])
	sort.Slice(latencies, func(i, j int) bool { return latencies[i] < latencies[j] })
	n := float64(*calls)
	at := func(q float64) float64 { return float64(latencies[int(q*(n-1))].Nanoseconds()) / 1e3 }
	line, _ := json.Marshal(map[string]float64{
		"cpuUs": (after.User + after.System - before.User - before.System) / n, "callsPerSecond": n / elapsed.Seconds(),
		"p50Us": at(0.5), "p99Us": at(0.99), "maxUs": at(1), "receivedBytes": float64(received),
	})
	fmt.Println(string(line))
}
