package gateway_test

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"swarmtop/swarm"
	"swarmtop/swarm/gateway"
)

func TestEveryResponseIsRecordedOnce(t *testing.T) {
	g, f, a := pageSwarm(t)
	wrong := f.add('c', "wrong.html", "d8:announce35:http://tracker", nil)
	path := gateway.AssetURL(a)
	ask(g, "GET", path+"?torrent")
	ask(g, "HEAD", path)
	ask(g, "GET", path, "Range", "bytes=0-4")
	ask(g, "GET", path, "If-None-Match", "*")
	ask(g, "POST", path)
	ask(g, "GET", gateway.AssetURL(wrong))
	ask(g, "GET", path, "Range", "bytes=99-")
	ask(g, "GET", gateway.MetainfoURL(a.InfoHash))
	html, plain := "text/html; charset=utf-8", "text/plain; charset=utf-8"
	want := []swarm.Response{
		{Path: path + "?torrent", Status: 200, Type: html, Expected: html, Bytes: 35, Origin: swarm.FromBlob, Verdict: swarm.Fine, InfoHash: a.InfoHash},
		{Path: path, Method: "HEAD", Status: 200, Type: html, Expected: html, Origin: swarm.FromBlob, Verdict: swarm.Fine, InfoHash: a.InfoHash},
		{Path: path, Range: "bytes=0-4", Status: 206, Type: html, Expected: html, Bytes: 5, Origin: swarm.FromBlob, Verdict: swarm.Fine, InfoHash: a.InfoHash},
		{Path: path, Status: 304, Expected: html, Origin: swarm.FromBlob, Verdict: swarm.Fine, InfoHash: a.InfoHash},
		{Path: path, Method: "POST", Status: 405, Type: plain, Bytes: 31},
		{Path: gateway.AssetURL(wrong), Status: 502, Type: plain, Expected: html, Bytes: 103, Verdict: swarm.Bad,
			Evidence: "d8:announce35:http://tracker", InfoHash: wrong.InfoHash},
		{Path: path, Range: "bytes=99-", Status: 416, Type: plain, Expected: html, Bytes: 33, InfoHash: a.InfoHash},
		{Path: gateway.MetainfoURL(a.InfoHash), Status: 200, Type: "application/x-bittorrent", Expected: "application/x-bittorrent",
			Bytes: 54, Origin: swarm.FromMetainfo, Verdict: swarm.Fine, InfoHash: a.InfoHash},
	}
	got := g.Responses()
	if len(got.Tail) != len(want) {
		t.Fatalf("%d in the tail, want %d", len(got.Tail), len(want))
	}
	var bytes int64
	for i, w := range want {
		w.Seq = uint64(i + 1)
		w.At = start.Add(time.Duration(3*i+1) * time.Millisecond)
		w.FirstByte, w.Duration = swarm.Known(time.Millisecond), 2*time.Millisecond
		w.Client = "192.0.2.1:1234"
		if w.Method == "" {
			w.Method = "GET"
		}
		bytes += w.Bytes
		if got.Tail[i] != w {
			t.Errorf("response %d:\ngot  %+v\nwant %+v", i, got.Tail[i], w)
		}
	}
	if got.Count != 8 || got.Bytes != bytes || got.Wrong != 1 || got.Errors != 3 || got.Verdict != swarm.Bad {
		t.Errorf("sums %+v", got)
	}
	types := []swarm.TypeTotal{
		{Type: html, Count: 3, Bytes: 40},
		{Type: plain, Count: 3, Bytes: 167, Wrong: 1},
		{Type: "", Count: 1},
		{Type: "application/x-bittorrent", Count: 1, Bytes: 54},
	}
	if !reflect.DeepEqual(got.ByType, types) {
		t.Errorf("by type %+v\nwant    %+v", got.ByType, types)
	}
	statuses := []swarm.StatusTotal{{Status: 200, Count: 3, Bytes: 89}, {Status: 206, Count: 1, Bytes: 5}, {Status: 304, Count: 1, Bytes: 0}, {Status: 405, Count: 1, Bytes: 31}, {Status: 416, Count: 1, Bytes: 33}, {Status: 502, Count: 1, Bytes: 103}}
	if !reflect.DeepEqual(got.ByStatus, statuses) {
		t.Errorf("by status %+v\nwant      %+v", got.ByStatus, statuses)
	}
	if got.P50 != swarm.Known(2*time.Millisecond) || got.P95 != got.P50 {
		t.Errorf("p50 %v, p95 %v", got.P50, got.P95)
	}
}

func TestRecordIsBoundedCleanAndImmutable(t *testing.T) {
	g, _, _ := pageSwarm(t)
	ask(g, "GET", "/first")
	before := g.Responses()
	for range 300 {
		ask(g, "GET", "/"+strings.Repeat("%1b[31m", 2000))
	}
	ask(g, "GET", "/%E2%80%AEtxt.exe\u202egpj")
	after := g.Responses()
	if len(before.Tail) != 1 || before.Tail[0].Path != "/first" || before.Count != 1 || before.ByType[0].Count != 1 {
		t.Errorf("what was returned has changed: %+v", before)
	}
	if len(after.Tail) != 256 || after.Tail[0].Seq != 47 || after.Tail[255].Seq != 302 || after.Count != 302 {
		t.Errorf("tail of %d from %d to %d", len(after.Tail), after.Tail[0].Seq, after.Tail[255].Seq)
	}
	for _, r := range after.Tail {
		if len(r.Path) > 1024 || strings.ContainsFunc(r.Path, func(c rune) bool { return !unicode.IsPrint(c) }) {
			t.Fatalf("path %q", r.Path)
		}
	}
}

func TestWrongContentIsNeverServed(t *testing.T) {
	f := newFake()
	var logged []string
	bad := f.add('a', "button.html", "d8:announce35:http://tracker.example/x", func(a *swarm.Asset) { a.Alias = "/button.html" })
	png := f.add('b', "button.js", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", nil)
	good := f.add('c', "good.html", page, nil)
	late := f.add('d', "late.html", page, func(a *swarm.Asset) { a.Complete = false })
	big := f.add('e', "big.css", "\x1f\x8b\x08\x00"+pattern(300_000), nil)
	g := newGateway(t, f, func(c *gateway.Config) {
		c.Log = func(l swarm.Level, s string) { logged = append(logged, l.String()+": "+s) }
	})
	if v := g.Verdicts(); len(v) != 0 || g.Responses().Verdict != swarm.VerdictUnknown {
		t.Errorf("verdicts before anything was looked at: %v", v)
	}
	for _, path := range []string{gateway.AssetURL(bad), bad.Alias, gateway.AssetURL(png), gateway.AssetURL(big)} {
		for _, headers := range [][]string{nil, {"Range", "bytes=20-25"}, {"If-None-Match", "*"}, {"Accept", "*/*"}} {
			r := ask(g, "GET", path, headers...)
			want(t, r, 502, map[string]string{"Cache-Control": "no-store", "Content-Type": "text/plain; charset=utf-8", "ETag": ""})
			if rec := last(t, g); rec.Verdict != swarm.Bad || rec.Evidence == "" || rec.Origin != swarm.FromNowhere {
				t.Errorf("recorded as %+v", rec)
			}
		}
	}
	ask(g, "GET", gateway.AssetURL(good))
	ask(g, "GET", gateway.AssetURL(late))
	f.metainfo[late.InfoHash] = []byte("<!doctype html>")
	want(t, ask(g, "GET", gateway.MetainfoURL(late.InfoHash)), 502, map[string]string{"Cache-Control": "no-store"})
	wantVerdicts := map[swarm.InfoHash]swarm.Judged{
		bad.InfoHash: {Gateway: swarm.Bad}, png.InfoHash: {Gateway: swarm.Bad}, big.InfoHash: {Gateway: swarm.Bad},
		good.InfoHash: {Gateway: swarm.Fine}, late.InfoHash: {Metainfo: swarm.Bad},
	}
	if got := g.Verdicts(); !reflect.DeepEqual(got, wantVerdicts) {
		t.Errorf("verdicts %v", got)
	}
	if len(logged) != 4 || logged[3] != "warn: read late.html of dddddddd: no such swarm" || logged[0] != "error: wrong content of button.html in aaaaaaaa: expected text/html, found application/x-bittorrent: d8:announce35:http://tracker.example/x" {
		t.Errorf("log %q", logged)
	}
}

func TestDamagedAssetIsServedAgainOnceItIsMended(t *testing.T) {
	f := newFake()
	a := f.add('a', "a.js", "share();", nil)
	f.set("a.js", breaking{strings.NewReader("share();"), 4})
	logged := 0
	g := newGateway(t, f, func(c *gateway.Config) { c.Log = func(swarm.Level, string) { logged++ } })
	for range 3 {
		want(t, ask(g, "GET", gateway.AssetURL(a)), 504, map[string]string{"Retry-After": "5"})
	}
	if logged != 1 {
		t.Errorf("%d lines for one damage", logged)
	}
	f.set("a.js", strings.NewReader("share();"))
	if r := ask(g, "GET", gateway.AssetURL(a)); r.StatusCode != 200 || body(t, r) != "share();" {
		t.Errorf("after it was mended: %d", r.StatusCode)
	}
	f.set("a.js", nil) // and now from memory
	want(t, ask(g, "GET", gateway.AssetURL(a)), 200, nil)
}
