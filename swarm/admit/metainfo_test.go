package admit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"swarmtop/swarm/admit"
)

func metainfoOf(t *testing.T, outer dict, trust admit.Trust) admit.Torrent {
	t.Helper()
	got, err := admit.Metainfo([]byte(encode(dict{"info": button}.with(outer))), trust, admit.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func refusals(errs []error) string {
	var b strings.Builder
	for _, err := range errs {
		fmt.Fprintln(&b, err)
	}
	return b.String()
}

func TestMetainfoIsReadAsWritten(t *testing.T) {
	got := metainfoOf(t, dict{
		"announce":      "http://ignored.example/announce",
		"announce-list": list{list{"HTTP://One.Example/announce", "udp://two.example:6969"}, list{}, list{"https://three.example/announce?key=A"}},
		"comment":       "a button", "created by": "a tool", "creation date": 1379851200,
		"url-list": list{"https://cdn.example/widgets/", "https://cdn.example/widgets/"},
	}, admit.Foreign)
	want := [][]string{{"http://one.example/announce", "udp://two.example:6969"}, {"https://three.example/announce?key=A"}}
	if !slices.EqualFunc(got.Trackers, want, slices.Equal) {
		t.Errorf("trackers %v, want %v", got.Trackers, want)
	}
	if !slices.Equal(got.WebSeeds, []string{"https://cdn.example/widgets/"}) {
		t.Errorf("web seeds %v", got.WebSeeds)
	}
	if at, _ := got.Created.Get(); !at.Equal(time.Date(2013, 9, 22, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("created %v", at)
	}
	if got.Comment != "a button" || got.CreatedBy != "a tool" || len(got.Refused) != 0 {
		t.Errorf("comment %q, creator %q, refused %v", got.Comment, got.CreatedBy, got.Refused)
	}
}

func TestTrackersAreReadInEveryFormThatIsSeen(t *testing.T) {
	for _, c := range []struct {
		name  string
		outer dict
		want  string
	}{
		{"announce alone", dict{"announce": "http://a.example/announce"}, "[[http://a.example/announce]]"},
		{"empty list", dict{"announce": "http://a.example/x", "announce-list": list{}}, "[[http://a.example/x]]"},
		{"list of an empty tier", dict{"announce": "http://a.example/x", "announce-list": list{list{""}}}, "[[http://a.example/x]]"},
		{"list of strings", dict{"announce-list": list{"http://a.example/x", "udp://b.example:1"}}, "[[http://a.example/x] [udp://b.example:1]]"},
		{"list of another type", dict{"announce-list": 5, "announce": "udp://b.example:1"}, "[[udp://b.example:1]]"},
		{"the same twice", dict{"announce-list": list{list{"http://a.example/x"}, list{"http://A.example/x"}}}, "[[http://a.example/x]]"},
		{"none", dict{}, "[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := fmt.Sprint(metainfoOf(t, c.outer, admit.Given).Trackers); got != c.want {
				t.Errorf("trackers %s, want %s", got, c.want)
			}
		})
	}
}

func TestBadTrackersAreLeftOutAndTheTorrentGoesOn(t *testing.T) {
	got := metainfoOf(t, dict{
		"announce-list": list{list{"wss://t.example", "http://t.example/announce"}, list{"http://127.0.0.1/announce"}},
		"url-list":      list{"ftp://s.example/", "http://10.0.0.1/x", "https://s.example/"},
	}, admit.Foreign)
	if fmt.Sprint(got.Trackers, got.WebSeeds) != "[[http://t.example/announce]] [https://s.example/]" {
		t.Errorf("admitted %v and %v", got.Trackers, got.WebSeeds)
	}
	all := refusals(got.Refused)
	for _, want := range []string{`tracker "wss://t.example": WebSocket`, `tracker "http://127.0.0.1/announce": address 127.0.0.1 is refused: it is loopback`,
		`web seed "ftp://s.example/": scheme "ftp"`, `web seed "http://10.0.0.1/x": address 10.0.0.1 is refused: it is private`} {
		if !strings.Contains(all, want) {
			t.Errorf("refusals\n%swant %q among them", all, want)
		}
	}
	if len(got.Refused) != 4 {
		t.Errorf("%d refusals, want 4", len(got.Refused))
	}
}

func TestTrackersAndWebSeedsBeyondTheLimitAreLeftOutInALineEach(t *testing.T) {
	var tiers, seeds list
	for i := range 150 {
		tiers = append(tiers, list{fmt.Sprintf("udp://t%d.example:1", i)})
		seeds = append(seeds, fmt.Sprintf("http://s%d.example/", i))
	}
	got := metainfoOf(t, dict{"announce-list": tiers, "url-list": seeds}, admit.Given)
	if len(got.Trackers) != 100 || len(got.WebSeeds) != 100 || len(got.Refused) != 2 {
		t.Errorf("%d trackers, %d web seeds, refused %v", len(got.Trackers), len(got.WebSeeds), got.Refused)
	}
}

func TestMetainfoIsRefusedWithALine(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"HTML", "<!doctype html>", "bencode at byte 0: '<' begins no value"},
		{"empty", "", "cut short"},
		{"a list", "le", "not a dictionary"},
		{"no info", "de", "no info dictionary"},
		{"info is a string", "d4:info1:xe", `info: "1:x" is not a dictionary`},
		{"trailing bytes", encode(dict{"info": button}) + "\n", "1 bytes follow the value"},
		{"cut", encode(dict{"info": button})[:100], "cut short"},
		{"too large", strings.Repeat("x", admit.MaxMetainfo+1), "metainfo: 10485761 bytes, the limit is 10485760"},
		{"many values", "l" + strings.Repeat("le", 1<<21) + "e", "value 2097153, the limit is 2097152"},
		{"bad info", encode(dict{"info": button.with(dict{"name": ".."})}), "metainfo: info: name:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := admit.Metainfo([]byte(c.in), admit.Given, admit.Policy{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestEncodedMetainfoIsAdmittedAgainAsTheSame(t *testing.T) {
	outer := dict{
		"announce-list": list{list{"http://a.example/announce", "udp://b.example:1"}, list{"udp://c.example:2"}},
		"comment":       "c", "created by": "b", "creation date": 5, "url-list": "https://s.example/",
		"info": hybrid, "piece layers": dict{root: root + root},
	}
	got := metainfoOf(t, outer, admit.Given)
	b := got.Encode()
	again, err := admit.Metainfo(b, admit.Given, admit.Policy{})
	if err != nil {
		t.Fatalf("%v: %q", err, b)
	}
	if string(again.Encode()) != string(b) || again.InfoHash != got.InfoHash {
		t.Error("encoded, read and encoded again, it is another")
	}
	if !strings.Contains(string(b), "12:piece layersd32:") {
		t.Error("the piece layers of a hybrid are lost")
	}
	if fmt.Sprint(again.Trackers, again.WebSeeds) != fmt.Sprint(got.Trackers, got.WebSeeds) {
		t.Errorf("trackers %v, web seeds %v", again.Trackers, again.WebSeeds)
	}
}

func TestEncodingTakesTheTrackersAndWebSeedsItIsGiven(t *testing.T) {
	torrent := metainfoOf(t, dict{"announce": "http://a.example/announce"}, admit.Given)
	info := string(torrent.InfoBytes)
	for _, c := range []struct {
		trackers [][]string
		seeds    []string
		want     string
	}{
		{nil, nil, "d4:info" + info + "e"},
		{[][]string{{"udp://x:1"}}, nil, "d8:announce9:udp://x:14:info" + info + "e"},
		{[][]string{{"udp://x:1"}, {}, {"udp://y:1"}}, []string{"http://s/"},
			"d8:announce9:udp://x:113:announce-listl" + "l9:udp://x:1el9:udp://y:1ee4:info" + info + "8:url-listl9:http://s/ee"},
	} {
		if got := string(admit.EncodeMetainfo(&torrent, c.trackers, c.seeds)); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}

func TestSingleMakesTheSameInfoHashEverywhere(t *testing.T) {
	got, err := admit.Single("button.html", 20000, 16384, []byte(hashes(2)))
	if err != nil {
		t.Fatal(err)
	}
	if string(got.InfoBytes) != encode(button) {
		t.Errorf("info %q", got.InfoBytes)
	}
	if _, err := admit.Single("a\nb", 20000, 16384, []byte(hashes(2))); err == nil {
		t.Error("a name with a line break was admitted")
	}
}

func TestWhatIsAdmittedDoesNotChangeWithTheInput(t *testing.T) {
	b := []byte(encode(dict{"info": button}))
	got, err := admit.Metainfo(b, admit.Given, admit.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	clear(b)
	if string(got.InfoBytes) != encode(button) || got.PieceHash(0) != [20]byte([]byte(hashes(1))) {
		t.Error("the torrent shares the caller's bytes")
	}
}

// Any torrent of consistent lengths passes, and comes out with the same lengths.
func TestConsistentTorrentsPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieceLength := 16384 << rapid.IntRange(0, 12).Draw(t, "shift")
		lengths := rapid.SliceOfN(rapid.IntRange(0, 1<<20), 1, 20).Draw(t, "lengths")
		total, files := 0, list{}
		for i, n := range lengths {
			total += n
			files = append(files, dict{"length": n, "path": list{fmt.Sprint(i)}})
		}
		info := dict{"name": "x", "piece length": pieceLength, "files": files, "pieces": hashes((total + pieceLength - 1) / pieceLength)}
		got, err := admit.Info([]byte(encode(info)))
		if total == 0 {
			if err == nil {
				t.Fatal("a torrent of nothing was admitted")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if got.Length != int64(total) || len(got.Files) != len(lengths) {
			t.Errorf("%d bytes in %d files, want %d in %d", got.Length, len(got.Files), total, len(lengths))
		}
		last := got.Files[len(lengths)-1]
		if last.Offset+last.Length != got.Length {
			t.Errorf("the last file ends at %d of %d", last.Offset+last.Length, got.Length)
		}
	})
}

func FuzzMetainfo(f *testing.F) {
	for _, info := range []dict{button, widget, hybrid} {
		f.Add([]byte(encode(dict{"announce": "http://t.example/announce", "info": info, "url-list": "http://s.example/"})))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := admit.Metainfo(b, admit.Foreign, admit.Policy{})
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
			return
		}
		checkAgainstLibrary(t, &got)
		again, err := admit.Metainfo(got.Encode(), admit.Foreign, admit.Policy{})
		if err != nil {
			t.Fatalf("encoded, it is refused: %v", err)
		}
		if again.InfoHash != got.InfoHash || string(again.Encode()) != string(got.Encode()) {
			t.Error("encoded, it is another")
		}
	})
}
