package crowd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"swarmtop/swarm/crowd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

func few() crowd.Config {
	return crowd.Config{
		Name: "button.js", Data: bytes.Repeat([]byte("0123456789abcdef"), 4<<10),
		PieceLength: 16 << 10, Peers: 5, Uplink: 512 << 10,
	}
}

func TestCrowdFetchesTheAssetFromOneCopyOfTheSeeder(t *testing.T) {
	cfg := few()
	var told []int
	cfg.Progress = func(n int, _ time.Duration) { told = append(told, n) }
	out, err := crowd.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Finished) != cfg.Peers || len(told) != cfg.Peers || told[cfg.Peers-1] != cfg.Peers {
		t.Errorf("complete are %v, told were %v", out.Finished, told)
	}
	whole := int64(len(cfg.Data))
	o := out.Origin
	if o.Seeder < whole || o.Tracker <= 0 || o.Received <= 0 || o.HTTP != 0 {
		t.Errorf("the origin sent %+v of %d bytes", o, whole)
	}
	// Every byte that a peer has was sent by the seeder or by a peer.
	if need := int64(cfg.Peers) * whole; o.Seeder+out.Sent < need {
		t.Errorf("the seeder sent %d and the peers %d bytes, less than the %d that came", o.Seeder, out.Sent, need)
	}
	if least := time.Second * time.Duration(whole) / time.Duration(cfg.Uplink) / 2; out.Finished[0] < least {
		t.Errorf("the first was complete after %v: the uplink is not limited", out.Finished[0])
	}
}

func TestServerSendsEveryByteItself(t *testing.T) {
	cfg := few()
	out, err := crowd.Serve(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if need := int64(cfg.Peers * len(cfg.Data)); out.Origin.HTTP < need || out.Origin.Sent() != out.Origin.HTTP || len(out.Finished) != cfg.Peers {
		t.Errorf("it sent %+v of %d bytes to %d clients", out.Origin, need, len(out.Finished))
	}
}

func TestCrowdEndsWithItsContext(t *testing.T) {
	cfg := few()
	cfg.Uplink = 1 << 10
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	for name, way := range map[string]func(context.Context, crowd.Config) (crowd.Outcome, error){"crowd": crowd.Run, "server": crowd.Serve} {
		if _, err := way(ctx, cfg); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCrowdOfNobodyIsRefused(t *testing.T) {
	for _, cfg := range []crowd.Config{{}, {Peers: 1, Uplink: 1}, {Peers: 1, Data: []byte("x")}} {
		if _, err := crowd.Run(t.Context(), cfg); err == nil {
			t.Errorf("%+v was run", cfg)
		}
	}
}

func outcome(peers int, step time.Duration, o crowd.Origin) crowd.Outcome {
	out := crowd.Outcome{Origin: o, Sent: 7 << 20}
	for i := range peers {
		out.Finished = append(out.Finished, time.Duration(i+1)*step)
	}
	return out
}

func report(t *testing.T) *crowd.Report {
	cfg := crowd.Config{Name: "button.js", Data: make([]byte, 64<<10), PieceLength: 16 << 10, Peers: 50, Uplink: 128 << 10}
	r := crowd.NewReport(cfg)
	r.SetCrowd(outcome(50, 40*time.Millisecond, crowd.Origin{Tracker: 28000, Seeder: 82000, Received: 31000}))
	r.SetServer(outcome(50, 500*time.Millisecond, crowd.Origin{HTTP: 3_300_000, Received: 5000}))
	if err := r.Simulate(t.Context(), 1000, 1); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReportHoldsTheBounds(t *testing.T) {
	r := report(t)
	if r.PieceBound != 1.125 || r.FluidBound != 0.5 || r.ServerBound != 25 || r.BestOffload != 0.98 || r.Pieces != 4 {
		t.Errorf("pieces %v, fluid %v, server %v, offload %v, %d pieces", r.PieceBound, r.FluidBound, r.ServerBound, r.BestOffload, r.Pieces)
	}
	if want := 1 - 110000.0/(50*65536); r.Crowd.Offload != want || r.Crowd.Last != 2 || r.Server.Last != 25 {
		t.Errorf("offload %v, want %v; last %v and %v", r.Crowd.Offload, want, r.Crowd.Last, r.Server.Last)
	}
	var sizes []int
	for _, s := range r.Simulated {
		sizes = append(sizes, s.Peers)
	}
	if got := sizes; len(got) != 4 || got[0] != 50 || got[1] != 10 || got[2] != 100 || got[3] != 1000 {
		t.Errorf("simulated are %v", got)
	}
}

func TestReportIsOneLineOfJSON(t *testing.T) {
	var b bytes.Buffer
	if err := report(t).JSON(&b); err != nil {
		t.Fatal(err)
	}
	var back crowd.Report
	if err := json.Unmarshal(b.Bytes(), &back); err != nil || back.Crowd.Last != 2 || strings.Count(b.String(), "\n") != 1 {
		t.Errorf("%v: %s", err, b.String())
	}
}

func TestTextDrawsBothCurves(t *testing.T) {
	var b strings.Builder
	if err := report(t).Text(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"button.js, 64 KiB in 4 × 16 KiB, for 50 peers at once; uplinks of 128 KiB/s",
		"    50 │", "⣿", "25.00 s", "96.6 %", "The best offload is 98.0 %.", "measured ÷ simulated",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
	for line := range strings.Lines(b.String()) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 80 {
			t.Errorf("a line of %d cells: %s", n, line)
		}
	}
}
