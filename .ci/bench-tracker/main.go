// Bench-tracker measures announces per second of the embedded tracker and of
// opentracker, over HTTP with a connection for each announce, HTTP with
// connections kept, and UDP. Both serve the same swarms on loopback, each in a
// process on the first core, in turns, while the load comes from the second.
//
//	go run ./.ci/bench-tracker
//
// It needs Linux, opentracker and taskset, and prints a Markdown table. With a
// connection for each announce the load is the bottleneck: there compare the
// server CPU as well.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// The swarms that both trackers serve.
const (
	swarms        = 1000
	peersPerSwarm = 50
)

const (
	serverCore = 0
	loadCore   = 1
)

// load makes announces at a tracker for a while, as fast as it answers, and
// returns how long each took.
type load func(port int, length time.Duration) ([]time.Duration, error)

var ways = []struct {
	name string
	load load
}{
	{"HTTP, a connection each", oneConnectionEach},
	{"HTTP, kept connections", keptConnections},
	{"UDP", overUDP},
}

func main() {
	rounds := flag.Int("rounds", 9, "runs of each tracker in each way")
	length := flag.Duration("length", 500*time.Millisecond, "of a run")
	serve := flag.Int("serve", 0, "be the embedded tracker on this port")
	flag.Parse()
	var err error
	if *serve != 0 {
		err = serveEmbedded(*serve)
	} else {
		err = compare(*rounds, *length)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-tracker:", err)
		os.Exit(1)
	}
}

func compare(rounds int, length time.Duration) error {
	runtime.LockOSThread()
	var cores unix.CPUSet
	cores.Set(loadCore)
	embedded, err := startEmbedded()
	if err != nil {
		return err
	}
	defer embedded.stop()
	open, err := startOpentracker()
	if err != nil {
		return err
	}
	defer open.stop()
	if err := unix.SchedSetaffinity(0, &cores); err != nil {
		return fmt.Errorf("stay on core %d: %w", loadCore, err)
	}
	fmt.Fprintln(os.Stdout, "| announces | tracker | median a second | slowest to fastest run | p50 | p99 | server CPU each |\n"+
		"| --- | --- | ---: | ---: | ---: | ---: | ---: |")
	for _, way := range ways {
		servers := []*server{embedded, open}
		results := make([]result, len(servers))
		for _, s := range servers { // fill the swarms, warm up
			if _, err := way.load(s.port, length); err != nil {
				return fmt.Errorf("%s to %s: %w", way.name, s.name, err)
			}
		}
		for range rounds {
			for _, i := range rand.Perm(len(servers)) {
				before := servers[i].cpu()
				began := time.Now()
				took, err := way.load(servers[i].port, length)
				if err != nil {
					return fmt.Errorf("%s to %s: %w", way.name, servers[i].name, err)
				}
				results[i].add(took, time.Since(began), servers[i].cpu()-before)
			}
		}
		for i, s := range servers {
			fmt.Fprintf(os.Stdout, "| %s | %s | %s |\n", way.name, s.name, results[i])
		}
		fmt.Fprintf(os.Stdout, "| | | ratio %.2f | | | %.2f | %.2f |\n", results[0].rate()/results[1].rate(),
			float64(results[0].p99())/float64(results[1].p99()), float64(results[0].cpu())/float64(results[1].cpu()))
	}
	return nil
}
