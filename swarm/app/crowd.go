package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/dustin/go-humanize"

	"swarmtop/swarm/admit"
	"swarmtop/swarm/catalog"
	"swarmtop/swarm/crowd"
)

// CrowdOptions is how `swarmtop crowd` was called. Sizes are as the user writes them.
type CrowdOptions struct {
	Peers       int
	Uplink      string // a second
	Size        string // of a sample asset, without a file
	File        string
	PieceLength int64  // 0 for what is published
	Seed        uint64 // of the sample asset and of the simulation
	Simulate    int    // peers at most; 0 for no simulation
}

// The most that a crowd is asked for.
const (
	mostCrowd     = 500
	mostSimulated = 1_000_000
	mostCrowdSize = 64 << 20

	sampleSize = "64KiB"
)

// Check returns the first mistake in how the command was called.
func (o CrowdOptions) Check() error {
	switch {
	case o.Peers < 1 || o.Peers > mostCrowd:
		return fmt.Errorf("--peers %d: must be from 1 to %d; --simulate goes on from there", o.Peers, mostCrowd)
	case o.Simulate < 0 || o.Simulate > mostSimulated:
		return fmt.Errorf("--simulate %d: must be from 1 to %d, or 0 for none", o.Simulate, mostSimulated)
	case o.File != "" && o.Size != "":
		return errors.New("--size and a FILE exclude each other")
	}
	if _, err := o.uplink(); err != nil {
		return err
	}
	if _, err := o.size(); err != nil {
		return err
	}
	if o.PieceLength != 0 {
		if err := admit.CheckPieceLength(o.PieceLength); err != nil {
			return fmt.Errorf("--piece-length: %w", err)
		}
	}
	return nil
}

func (o CrowdOptions) uplink() (int64, error) { return byteSize("--uplink", o.Uplink, 1<<10, 1<<30) }

func (o CrowdOptions) size() (int64, error) {
	return byteSize("--size", cmp.Or(o.Size, sampleSize), 1, mostCrowdSize)
}

// config is the crowd that options describe which were checked.
func (o CrowdOptions) config() (cfg crowd.Config, err error) {
	cfg.Peers, cfg.PieceLength = o.Peers, o.PieceLength
	if cfg.Uplink, err = o.uplink(); err != nil {
		return cfg, err
	}
	if o.File != "" {
		cfg.Name = filepath.Base(o.File)
		cfg.Data, err = readCrowdFile(o.File)
	} else {
		var size int64
		cfg.Name = "sample"
		size, err = o.size()
		cfg.Data = sampleBytes(size, o.Seed)
	}
	if cfg.PieceLength == 0 {
		cfg.PieceLength = catalog.PieceLength(int64(len(cfg.Data)))
	}
	return cfg, err
}

// byteSize reads a number of bytes such as 64KiB.
func byteSize(flag, text string, least, most uint64) (int64, error) {
	n, err := humanize.ParseBytes(text)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%s %q: not a size from %s to %s, such as 256KiB", flag, text, humanize.IBytes(least), humanize.IBytes(most))
	}
	return int64(n), nil
}

func readCrowdFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, mostCrowdSize+1))
	switch {
	case err != nil:
		return nil, err
	case len(b) == 0:
		return nil, fmt.Errorf("%s: empty, nothing to share", name)
	case len(b) > mostCrowdSize:
		return nil, fmt.Errorf("%s: larger than %s", name, bytesText(mostCrowdSize))
	}
	return b, nil
}

// sampleBytes are bytes that nothing compresses and that follow from a seed.
func sampleBytes(size int64, seed uint64) []byte {
	var key [32]byte
	for i := range 8 {
		key[i] = byte(seed >> (8 * i))
	}
	b := make([]byte, size)
	_, _ = rand.NewChaCha8(key).Read(b) // never fails
	return b
}

// Crowd has a crowd come for an asset, and as many clients to one HTTP server, and
// writes what came of both. How it goes is told to progress, unless it is nil, with
// an empty line at the end.
func Crowd(ctx context.Context, o CrowdOptions, asJSON bool, w io.Writer, progress func(string)) error {
	cfg, err := o.config()
	if err != nil {
		return fmt.Errorf("crowd: %w", err)
	}
	report, err := measure(ctx, cfg, o, progress)
	switch {
	case ctx.Err() != nil:
		return errors.New("crowd: stopped before it was over")
	case err != nil:
		return fmt.Errorf("crowd: %w", err)
	case asJSON:
		return report.JSON(w)
	}
	return report.Text(w)
}

func measure(ctx context.Context, cfg crowd.Config, o CrowdOptions, progress func(string)) (*crowd.Report, error) {
	if progress == nil {
		progress = func(string) {}
	}
	defer progress("")
	watch := func(what string) func(int, time.Duration) {
		progress(fmt.Sprintf("%s: 0 of %d complete", what, cfg.Peers))
		return func(n int, at time.Duration) {
			progress(fmt.Sprintf("%s: %d of %d complete after %.1f s", what, n, cfg.Peers, at.Seconds()))
		}
	}
	report := crowd.NewReport(cfg)
	cfg.Progress = watch("the crowd")
	out, err := crowd.Run(ctx, cfg)
	if err != nil {
		return nil, err
	}
	report.SetCrowd(out)
	cfg.Progress = watch("one server")
	if out, err = crowd.Serve(ctx, cfg); err != nil {
		return nil, fmt.Errorf("one server: %w", err)
	}
	report.SetServer(out)
	if o.Simulate > 0 {
		progress(fmt.Sprintf("simulating up to %d peers", o.Simulate))
		err = report.Simulate(ctx, o.Simulate, o.Seed)
	}
	return report, err
}
