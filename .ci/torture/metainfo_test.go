package torture

import (
	"io"
	"io/fs"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/session"
)

// feed hands what a stranger wrote to a session as the program does, looks at all
// of it that can be looked at, and tells whether the gate let it in.
func feed(l *live, in []byte) bool {
	var spec session.Spec
	if strings.HasPrefix(string(in), "magnet:") {
		m, err := admit.ParseMagnet(string(in), admit.Given, admit.Policy{})
		if err != nil {
			return false
		}
		spec = session.Spec{InfoHash: m.InfoHash, Name: m.Name, Trackers: m.Trackers}
	} else {
		meta, err := admit.Metainfo(in, admit.Given, admit.Policy{})
		if err != nil {
			return false
		}
		spec = session.Spec{Torrent: &meta, InfoHash: meta.InfoHash, Name: meta.Name, Trackers: meta.Trackers, WebSeeds: meta.WebSeeds}
	}
	if _, err := l.Add(spec); err != nil {
		return false
	}
	l.FoundPeers(spec.InfoHash, []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:1")}, swarm.Opt[int]{})
	l.Metainfo(spec.InfoHash)
	for i, a := range l.Files(spec.InfoHash) {
		if i == 3 {
			break
		}
		if r, err := l.Open(a); err == nil {
			io.CopyN(io.Discard, io.NewSectionReader(r, 0, a.Size), 1)
		}
	}
	l.Progress(spec.InfoHash)
	return true
}

// TestMetainfoOfStrangers puts structured nonsense through the gate into a live
// client, whose state folder is taken up again after each batch.
func TestMetainfoOfStrangers(t *testing.T) {
	const batch = 500
	inputs := scaled(100_000, 3_000)
	g := generator{random(t)}
	admitted := 0
	for done := 0; done < inputs; done += batch {
		t.Run("batch", func(t *testing.T) { admitted += feedBatch(t, g, batch) })
	}
	if admitted < inputs/10 || admitted > inputs*9/10 {
		t.Errorf("%d of %d inputs were admitted: the gate or its clients are hardly tried", admitted, inputs)
	}
	measured("structured metainfo and magnets through the gate into a live client", "100,000 inputs, no crash, no hang, nothing outside the data folder",
		"%s inputs, %d %% admitted, none", thousands(inputs), admitted*100/inputs)
}

// feedBatch feeds so many inputs to one session, restarts it, and returns how many were admitted.
func feedBatch(t *testing.T, g generator, inputs int) (admitted int) {
	root := t.TempDir()
	dir := filepath.Join(root, "state")
	l := startLive(t, dir, "127.0.0.1")
	for i := range inputs {
		in := g.metainfo()
		if i%10 == 0 {
			in = []byte(g.magnet())
		}
		if feed(l, in) {
			admitted++
		}
		if i%100 == 99 {
			l.sample(swarm.InfoHash{})
		}
	}
	before := l.Len()
	if err := l.end(); err != nil {
		t.Fatal(err)
	}
	again := startLive(t, dir, "127.0.0.1")
	if again.Len() != before {
		t.Fatalf("%d swarms are there after a restart, want %d", again.Len(), before)
	}
	again.sample(swarm.InfoHash{})
	if err := again.end(); err != nil {
		t.Fatal(err)
	}
	onlyOwnFiles(t, root)
	return admitted
}

// onlyOwnFiles fails the test if anything below root is not a session's own.
func onlyOwnFiles(t *testing.T, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, path)
		dir, name := filepath.Split(rel)
		ok := false
		switch ext := filepath.Ext(name); dir {
		case "":
			ok = name == "." || name == "state" && d.IsDir()
		case "state/":
			ok = name == "lock" || name == "swarms.json" || name == "metainfo.journal" || name == "assets"
		case "state/assets/":
			ok = len(name) == 40+len(ext) && (ext == ".part" || ext == ".blob") && d.Type().IsRegular()
		}
		if !ok {
			t.Errorf("%s was written", rel)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// FuzzMetainfoIntoLiveClient holds the corpus of [TestMetainfoOfStrangers] and looks for more.
func FuzzMetainfoIntoLiveClient(f *testing.F) {
	l := startLive(f, f.TempDir(), "127.0.0.1")
	f.Fuzz(func(t *testing.T, in []byte) {
		if !feed(l, in) {
			return
		}
		for _, s := range l.sample(swarm.InfoHash{}) {
			if err := l.Remove(s.InfoHash, false); err != nil {
				t.Error(err)
			}
		}
	})
}
