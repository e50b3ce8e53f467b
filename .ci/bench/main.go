// Bench measures swarmtop beside the programs that people would use in its place,
// on this machine, in one run, and prints a Markdown table.
//
//	go run ./.ci/bench            # everything, at most 25 minutes
//	go run ./.ci/bench -rows join # only rows whose name contains "join"
//
// It needs Debian with aria2, rtorrent, transmission-daemon, opentracker,
// python3-libtorrent, nginx, wrk, btop and htop, and builds swarmtop itself. The
// contestants of a row take turns, in another order in each round. With no peer in
// the same run there is no figure.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	rows := flag.String("rows", "", "only rows whose name contains this")
	rounds := flag.Int("rounds", 3, "runs of each contestant in each row")
	quick := flag.Bool("quick", false, "a tenth of the swarms, for a look at whether it works")
	keep := flag.Bool("keep", false, "leave the working folder behind and say where it is")
	library := flag.String("library", "", "be the torrent library alone, in this role")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *library != "" {
		err = runLibrary(ctx, *library, flag.Args())
	} else {
		err = measure(ctx, *rows, *rounds, *quick, *keep)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, rows string, rounds int, quick, keep bool) (err error) {
	b, err := newBench(ctx, rounds)
	if err != nil {
		return err
	}
	b.quick, b.keep = quick, keep
	defer func() {
		if keep {
			fmt.Fprintln(os.Stderr, "bench: left behind:", b.dir)
			return
		}
		os.RemoveAll(b.dir)
	}()
	fmt.Fprintln(os.Stdout, b.conditions())
	fmt.Fprintln(os.Stdout, "| row | contestant | median | lowest – highest | swarmtop to it |\n| --- | --- | ---: | ---: | ---: |")
	for _, row := range b.rows() {
		if !strings.Contains(row.name, rows) {
			continue
		}
		if err := b.run(ctx, row); err != nil {
			return fmt.Errorf("%s: %w", row.name, err)
		}
	}
	return nil
}
