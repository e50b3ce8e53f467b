package simulate_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"swarmtop/swarm/crowd/simulate"
)

const block = 16 << 10

func widget(peers int, seed uint64) simulate.Config {
	return simulate.Config{
		Peers: peers, Size: 64 << 10, PieceLength: block, Uplink: 128 << 10,
		Neighbours: 8, SeedSlots: 8, Seed: seed,
	}
}

func run(t interface{ Fatal(...any) }, cfg simulate.Config) simulate.Outcome {
	out, err := simulate.Run(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func draw(t *rapid.T) simulate.Config {
	return simulate.Config{
		Peers:       rapid.IntRange(1, 120).Draw(t, "peers"),
		Size:        rapid.Int64Range(1, 20*block).Draw(t, "size"),
		PieceLength: block * rapid.SampledFrom([]int64{1, 2, 4}).Draw(t, "blocks"),
		Uplink:      rapid.Int64Range(1<<10, 1<<20).Draw(t, "uplink"),
		Neighbours:  rapid.IntRange(2, 20).Draw(t, "neighbours"),
		SeedSlots:   rapid.IntRange(1, 4).Draw(t, "slots"),
		Seed:        rapid.Uint64().Draw(t, "seed"),
	}
}

func TestEveryByteThatCameWasSent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := draw(t)
		out := run(t, cfg)
		if need := int64(cfg.Peers) * cfg.Size; out.Seeder+out.Peers != need {
			t.Fatalf("the seeder sent %d and the peers %d: not the %d that came", out.Seeder, out.Peers, need)
		}
		if out.Seeder != cfg.Size {
			t.Fatalf("the seeder sent %d of the %d bytes that only it had", out.Seeder, cfg.Size)
		}
		if len(out.Finished) != cfg.Peers {
			t.Fatalf("%d of %d are complete", len(out.Finished), cfg.Peers)
		}
	})
}

func TestNoCrowdIsFasterThanTheBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := draw(t)
		cfg.Size -= cfg.Size % block // the bound is about equal parts
		cfg.Size = max(cfg.Size, block)
		out := run(t, cfg)
		// A block is the least that is given on; rounding costs a nanosecond for each.
		bound := simulate.Bound(cfg.Peers, cfg.Size/block, cfg.Size, cfg.Uplink) - time.Microsecond
		if last := out.Finished[cfg.Peers-1]; last < bound {
			t.Fatalf("the last was complete after %v, before %v", last, bound)
		}
	})
}

func TestTheSameSeedMakesTheSameCrowd(t *testing.T) {
	first, again := run(t, widget(300, 9)), run(t, widget(300, 9))
	if !reflect.DeepEqual(first, again) {
		t.Error("two runs differ")
	}
	if other := run(t, widget(300, 10)); reflect.DeepEqual(first, other) {
		t.Error("another seed makes the same crowd")
	}
}

func TestLargerCrowdsTakeLonger(t *testing.T) {
	typical := func(peers int) (sum time.Duration) {
		for seed := range uint64(10) {
			sum += run(t, widget(peers, seed)).Finished[peers-1]
		}
		return sum / 10
	}
	before := time.Duration(0)
	for _, peers := range []int{1, 5, 25, 125, 625, 3125} {
		took := typical(peers)
		if took <= before {
			t.Errorf("%d peers take %v, a fifth of them %v", peers, took, before)
		}
		before = took
	}
}

func TestOnePeerTakesTheTimeOfItsBytes(t *testing.T) {
	cfg := widget(1, 1)
	if got, want := run(t, cfg).Finished[0], 500*time.Millisecond; got.Round(time.Microsecond) != want.Round(time.Microsecond) {
		t.Errorf("it took %v, want %v", got, want)
	}
}

func TestSmallPiecesAreFaster(t *testing.T) {
	before := time.Duration(0)
	for _, blocks := range []int64{1, 2, 4} {
		sum := time.Duration(0)
		for seed := range uint64(20) {
			cfg := widget(50, seed)
			cfg.PieceLength = blocks * block
			sum += run(t, cfg).Finished[49]
		}
		if sum <= before {
			t.Errorf("pieces of %d blocks take %v, smaller ones %v", blocks, sum/20, before/20)
		}
		before = sum
	}
}

// What real peers took, in times of the bound, is in the README, without the handshakes
// and the processor's time that a simulation has not: it must go on saying what it was
// compared with.
func TestSimulationStaysWhereItWasCompared(t *testing.T) {
	for _, c := range []struct {
		peers       int
		least, most float64 // times the bound
	}{{50, 1.2, 1.3}, {200, 1.2, 1.3}} {
		sum := 0.0
		for seed := range uint64(40) {
			cfg := widget(c.peers, seed)
			sum += float64(run(t, cfg).Finished[c.peers-1]) / float64(simulate.Bound(c.peers, 4, cfg.Size, cfg.Uplink))
		}
		if mean := sum / 40; mean < c.least || mean > c.most {
			t.Errorf("%d peers take %.2f times the bound, not %.1f to %.1f", c.peers, mean, c.least, c.most)
		}
	}
}

func TestWhatCannotBeSimulatedIsRefused(t *testing.T) {
	for name, change := range map[string]func(*simulate.Config){
		"no peer":     func(c *simulate.Config) { c.Peers = 0 },
		"no uplink":   func(c *simulate.Config) { c.Uplink = 0 },
		"seeder only": func(c *simulate.Config) { c.Neighbours = 1 },
		"half blocks": func(c *simulate.Config) { c.PieceLength = block + 1 },
		"too large":   func(c *simulate.Config) { c.Size = 1 << 30 },
	} {
		cfg := widget(5, 1)
		change(&cfg)
		if _, err := simulate.Run(cfg); err == nil {
			t.Errorf("%s: simulated", name)
		}
	}
}
