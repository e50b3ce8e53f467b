package monitor_test

import (
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/monitor"
)

type parts struct {
	swarms []swarm.Swarm
	probes []swarm.Probe

	metainfo swarm.Verdict // of swarm 3
}

func (p parts) Sample(time.Time, swarm.InfoHash, bool) []swarm.Swarm { return p.swarms }
func (p parts) Responses() swarm.Responses                           { return swarm.Responses{} }
func (p parts) Probes() []swarm.Probe                                { return p.probes }
func (p parts) Verdicts() map[swarm.InfoHash]swarm.Judged {
	return map[swarm.InfoHash]swarm.Judged{{1}: {Gateway: swarm.Fine}, {3}: {Metainfo: p.metainfo}}
}

// TestWorstProbeIsTheVerdictOfItsAsset: one poisoned edge among good ones counts.
func TestWorstProbeIsTheVerdictOfItsAsset(t *testing.T) {
	edge := func(h byte, v swarm.ProbeVerdict) swarm.Probe {
		return swarm.Probe{InfoHash: swarm.InfoHash{h}, Verdict: v}
	}
	p := parts{
		swarms: []swarm.Swarm{{InfoHash: swarm.InfoHash{1}}, {InfoHash: swarm.InfoHash{2}}, {InfoHash: swarm.InfoHash{3}}},
		probes: []swarm.Probe{edge(1, swarm.ProbeFine), edge(1, swarm.ProbeWrongBytes), edge(1, swarm.ProbeFine), edge(2, swarm.ProbeAtRisk)},
	}
	s := joined(p)
	if s.Swarms[0].Verdict != swarm.Bad || s.Swarms[1].Verdict != swarm.Warning || s.Swarms[2].Verdict != swarm.VerdictUnknown {
		t.Errorf("verdicts %v, %v, %v", s.Swarms[0].Verdict, s.Swarms[1].Verdict, s.Swarms[2].Verdict)
	}
	if s.Totals.Types != swarm.Bad || len(s.Probes) != 4 {
		t.Errorf("in all %v of %d probes", s.Totals.Types, len(s.Probes))
	}
	p.probes = p.probes[:1]
	if s := joined(p); s.Totals.Types != swarm.Fine {
		t.Errorf("once it is fine: %v", s.Totals.Types)
	}
	p.metainfo = swarm.Bad
	if s := joined(p); s.Swarms[2].Verdict != swarm.Bad || s.Totals.Types != swarm.Bad || s.Swarms[0].Judged != (swarm.Judged{Gateway: swarm.Fine, Probes: swarm.Fine}) {
		t.Errorf("with bad metainfo: %v, in all %v", s.Swarms[2].Verdict, s.Totals.Types)
	}
}

func (p parts) Trackers(swarm.InfoHash) []swarm.Tracker { return nil }
func (p parts) Turn() uint64                            { return 0 }

// joined is the first snapshot of the parts.
func joined(p parts) *swarm.Snapshot {
	return monitor.New(monitor.Config{
		Session: p, Trackers: p, Gateway: p, Probes: p,
		Log: monitor.NewLog(time.Now), TrackerURL: func() string { return "" }, Now: time.Now,
	}).Latest()
}
