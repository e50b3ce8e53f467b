package app

import (
	"context"
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
	"swarmtop/swarm/config"
	"swarmtop/swarm/contenttype"
	"swarmtop/swarm/probe"
)

// VerdictError says that a verdict went against an asset.
type VerdictError struct{ reason string }

func (e VerdictError) Error() string { return e.reason }

// largestVerified is the most that is held in memory to check it against a torrent, in bytes.
const largestVerified = 64 << 20

// ProbeOnce asks URLs at every address and writes a verdict a line. torrent is the
// .torrent file that the URLs' bytes ought to have, contentType the type; either
// may be empty, and the type then follows from the name. A wrong answer makes a
// [VerdictError].
func ProbeOnce(ctx context.Context, cfg config.Config, urls []string, torrent, contentType string, w io.Writer) error {
	policy, err := policyOf(cfg)
	if err != nil {
		return err
	}
	edges, err := config.Edges(cfg.Resolve)
	if err != nil {
		return err
	}
	meta, err := torrentIn(torrent, policy)
	if err != nil {
		return err
	}
	a := asker(policy, edges)
	asked, wrong, failed, skipped := 0, 0, 0, 0
	for _, raw := range urls {
		raw, err := policy.HTTPURL(raw, admit.Typed)
		if err != nil {
			return err
		}
		want, err := wantOf(raw, meta, contentType)
		if err != nil {
			return err
		}
		probes, err := a.Once(ctx, raw, want)
		if err != nil {
			return err
		}
		for i := range probes {
			p := &probes[i]
			if meta != nil {
				p.InfoHash = meta.InfoHash
			}
			asked++
			switch {
			case p.Verdict.Wrong():
				wrong++
			case p.Verdict >= swarm.ProbeUnreachable:
				failed++
			case p.Verdict == swarm.NotProbed:
				skipped++ // an IPv6 address, where there is only IPv4
			}
			if err := writeProbe(w, p, cfg.JSON); err != nil {
				return err
			}
		}
	}
	switch {
	case wrong > 0:
		return VerdictError{fmt.Sprintf("%d of %s wrong", wrong, count(asked, "answer"))}
	case failed > 0 || skipped == asked:
		return fmt.Errorf("%d of %s could not be asked", failed+skipped, addresses(asked))
	}
	return nil
}

// torrentIn reads a .torrent file; nil for an empty name.
func torrentIn(file string, policy admit.Policy) (*admit.Torrent, error) {
	if file == "" {
		return nil, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	t, err := admit.Metainfo(b, admit.Given, policy)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &t, nil
}

func addresses(n int) string {
	if n == 1 {
		return "1 address"
	}
	return fmt.Sprintf("%d addresses", n)
}

// wantOf is what a URL ought to answer, by a torrent or a type or its name.
func wantOf(rawURL string, meta *admit.Torrent, contentType string) (probe.Want, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return probe.Want{}, err
	}
	want := probe.Want{Type: contentType}
	if want.Type == "" {
		if want.Type = contenttype.ByName(u.Path); path.Ext(u.Path) == "" {
			want.Type = "" // a folder's page may be anything
		}
	}
	if meta == nil {
		return want, nil
	}
	file, first, err := fileOf(meta, u.Path)
	if err != nil {
		return want, err
	}
	if contentType == "" {
		want.Type = contenttype.ByName(file.Path)
	}
	want.Bytes = &probe.Bytes{Size: file.Length, Verify: func(body []byte) bool { return verified(meta, first, body) }}
	return want, nil
}

// fileOf finds the file of a torrent that a URL path names, and its first piece.
func fileOf(meta *admit.Torrent, urlPath string) (admit.File, int, error) {
	for i := range meta.Files {
		f := &meta.Files[i]
		if f.Pad || len(meta.Files) > 1 && !strings.HasSuffix(urlPath, "/"+path.Base(f.Path)) {
			continue
		}
		end := f.Offset + f.Length
		switch {
		case f.Offset%meta.PieceLength != 0 || end%meta.PieceLength != 0 && end != meta.Length:
			return *f, 0, fmt.Errorf("%s shares pieces with other files of the torrent: its bytes cannot be checked alone (see --type)", f.Path)
		case f.Length > largestVerified:
			return *f, 0, fmt.Errorf("%s has %s: bytes are checked up to %s (see --type)", f.Path, bytesText(f.Length), bytesText(largestVerified))
		}
		return *f, int(f.Offset / meta.PieceLength), nil
	}
	return admit.File{}, 0, fmt.Errorf("the torrent has no file for %s", urlPath)
}

// verified tells whether a body is what a torrent has from a piece on.
func verified(meta *admit.Torrent, piece int, body []byte) bool {
	for len(body) > 0 && piece < meta.Pieces {
		part := body[:min(int64(len(body)), meta.PieceLength)]
		if sha1.Sum(part) != meta.PieceHash(piece) {
			return false
		}
		body, piece = body[len(part):], piece+1
	}
	return len(body) == 0
}

func writeProbe(w io.Writer, p *swarm.Probe, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(p)
	}
	_, err := fmt.Fprintln(w, ProbeLine(p))
	return err
}

// ProbeLine tells a probe in one line of plain text.
func ProbeLine(p *swarm.Probe) string {
	parts := []string{fmt.Sprintf("%-11s  %s", p.Verdict, p.URL)}
	if p.Address != "" {
		parts[0] += " at " + p.Address
	}
	add := func(label, text string) {
		if text != "" {
			parts = append(parts, label+text)
		}
	}
	add("", p.Reason)
	if p.Verdict.Wrong() {
		add("by ", p.Request)
		add("came ", p.Evidence)
		add("wanted ", p.Wanted)
	}
	if p.Verdict > swarm.ProbeFine {
		if age, ok := p.Age.Get(); ok {
			add("Age ", age.Round(time.Second).String())
		}
		add("cache ", p.CacheStatus)
		add("server ", p.Server)
		add("", p.Curl)
	} else {
		add("", p.Type)
	}
	return strings.Join(parts, " · ")
}
