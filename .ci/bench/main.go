// Bench measures swarmtop beside the programs that people would use in its place,
// on this machine, in one run, and prints Markdown tables.
//
//	go run ./.ci/bench                  # everything, at most 25 minutes on two cores
//	go run ./.ci/bench -table README.md # and puts it into the README
//	go run ./.ci/bench -rows join       # only rows whose name contains "join"
//
// It needs Debian with aria2, rtorrent, transmission-daemon, opentracker,
// python3-libtorrent, nginx, wrk, btop and htop, and builds swarmtop itself. The
// contestants of a row take turns, in another order in each round, for as many rounds
// as the row's time allows. With no peer in the same run there is no figure.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	var o options
	flag.StringVar(&o.rows, "rows", "", "only rows whose name contains this")
	flag.IntVar(&o.rounds, "rounds", 5, "at most so many runs of each contestant in each row")
	flag.BoolVar(&o.quick, "quick", false, "a tenth of the swarms, for a look at whether it works")
	flag.BoolVar(&o.keep, "keep", false, "leave the working folder behind and say where it is")
	flag.StringVar(&o.table, "table", "", "Markdown file that gets the tables between its marks")
	library := flag.String("library", "", "be the torrent library alone, in this role")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *library != "" {
		err = runLibrary(ctx, *library, flag.Args())
	} else {
		err = measureAll(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are what the command line asks for.
type options struct {
	rows        string // part of the names of those to measure
	rounds      int
	quick, keep bool
	table       string // file; empty for none
}

func measureAll(ctx context.Context, o options) error {
	if o.table != "" && (o.rows != "" || o.quick) {
		return errors.New("-table is for all rows at full size: leave -rows and -quick away")
	}
	b, err := newBench(ctx, o)
	if err != nil {
		return err
	}
	defer b.leave()
	r := newReport(os.Stdout)
	r.say("%s", conditions())
	for _, g := range b.groups() {
		if err := b.measure(ctx, g, r); err != nil {
			return err
		}
	}
	if err := b.measureTrackers(ctx, r); err != nil {
		return err
	}
	if o.table == "" {
		return nil
	}
	return r.replaceIn(o.table)
}
