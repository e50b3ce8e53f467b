package probe

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/contenttype"
)

// finding is what the answers of one round come to.
type finding struct {
	verdict swarm.ProbeVerdict
	reason  string
	answer  *answer // that brought the verdict; nil where there was none
	left    swarm.Opt[time.Duration]
	curl    string
}

// judge compares the answers of a round with what was wanted. The worst of them
// counts, the first one of several.
func judge(want Want, answers []answer, now time.Time) finding {
	var worst finding
	for i := range answers {
		f := judgeOne(want, &answers[i], i == 0, now)
		if f.answer = &answers[i]; i == 0 || f.verdict > worst.verdict {
			worst = f
		}
	}
	last := &answers[len(answers)-1]
	if worst.verdict == swarm.ProbeFine && len(answers) > 1 && last.err == nil && isHit(last.header) {
		return finding{verdict: swarm.ProbeAtRisk, answer: last,
			reason: "a query that nobody used before came out of a cache: its key ignores the query"}
	}
	return worst
}

func judgeOne(want Want, a *answer, first bool, now time.Time) finding {
	if a.err != nil {
		return failure(a.err)
	}
	if f := judgeType(want, a); f.verdict != swarm.NotProbed {
		return f
	}
	switch {
	case a.status/100 == 2:
		return judgeBytes(want, a, now)
	case first:
		reason := "answered " + strings.TrimSpace(strconv.Itoa(a.status)+" "+http.StatusText(a.status))
		return finding{verdict: swarm.ProbeUnreachable, reason: reason}
	}
	// Servers may refuse a HEAD, a range or a query that they do not know.
	return finding{verdict: swarm.ProbeFine}
}

func failure(err error) finding {
	if errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EADDRNOTAVAIL) {
		// As of IPv6 on a machine that has none: it says nothing of the other side.
		return finding{reason: "this machine has no way there: " + errorText(err)}
	}
	f := finding{verdict: swarm.ProbeUnreachable, reason: errorText(err)}
	var (
		cert   *tls.CertificateVerificationError
		record tls.RecordHeaderError
		alert  tls.AlertError
		name   x509.HostnameError
	)
	if errors.As(err, &cert) || errors.As(err, &record) || errors.As(err, &alert) || errors.As(err, &name) ||
		errors.Is(err, http.ErrSchemeMismatch) || strings.HasPrefix(f.reason, "tls: ") || strings.HasPrefix(f.reason, "remote error: tls: ") {
		f.verdict = swarm.ProbeTLS
	}
	return f
}

// errorText drops what url.Error repeats.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		if wrapped.Timeout() {
			return "no answer in time"
		}
		err = wrapped.Err
	}
	return err.Error()
}

// judgeType looks for what is no answer to the request of an asset: a torrent, a
// type that a browser takes for something else, a download in place of a page.
// Of a type that is right it says nothing.
func judgeType(want Want, a *answer) finding {
	wrong := func(format string, args ...any) finding {
		return finding{verdict: swarm.ProbeWrongType, reason: fmt.Sprintf(format, args...)}
	}
	got := a.header.Get("Content-Type")
	if to, err := url.Parse(a.header.Get("Location")); err == nil && a.status/100 == 3 && AsksForTorrent(to) {
		return wrong("redirects to %s", to)
	}
	if !isMetainfo(want.Type) {
		found := contenttype.Detect(a.head)
		if isMetainfo(found) {
			return wrong("the body is %s, expected %s", found, orUnknown(media(want.Type)))
		}
		if isMetainfo(got) {
			return wrong("answered %s, expected %s", media(got), orUnknown(media(want.Type)))
		}
	}
	if a.status/100 != 2 {
		return finding{}
	}
	if got != "" && want.Type != "" && !contenttype.Same(got, want.Type) {
		return wrong("answered %s, expected %s", media(got), media(want.Type))
	}
	kind, params, _ := mime.ParseMediaType(a.header.Get("Content-Disposition"))
	name := strings.ToLower(params["filename"])
	if strings.HasSuffix(name, ".torrent") && !isMetainfo(want.Type) ||
		kind == "attachment" && strings.HasPrefix(want.Type, "text/html") {
		return wrong("answered as a download (%s)", a.header.Get("Content-Disposition"))
	}
	return finding{}
}

func isMetainfo(t string) bool {
	m := media(t)
	return m == contenttype.Torrent || m == contenttype.Bencode
}

// media drops the parameters of a media type.
func media(t string) string {
	m, _, _ := strings.Cut(t, ";")
	return strings.ToLower(strings.TrimSpace(m))
}

func orUnknown(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// judgeBytes compares an answer of the right type with the bytes of the asset.
func judgeBytes(want Want, a *answer, now time.Time) finding {
	if c := a.header.Get("Content-Encoding"); c != "" && !strings.EqualFold(c, "identity") {
		return finding{verdict: swarm.ProbeWrongBytes, reason: "compressed as " + c + ", which was not asked for"}
	}
	if want.Bytes == nil {
		if res := contenttype.Check(want.Type, a.head); !res.Agrees() {
			return finding{verdict: swarm.ProbeWrongType, reason: res.Reason}
		}
		return finding{verdict: swarm.ProbeFine, reason: "the type is right; the bytes are not here to compare"}
	}
	why := differs(want.Bytes, a)
	if why == "" {
		return finding{verdict: swarm.ProbeFine}
	}
	for _, f := range want.Former {
		if differs(&f.Bytes, a) == "" {
			return stale(f, a, now)
		}
	}
	if res := contenttype.Check(want.Type, a.head); !res.Agrees() {
		return finding{verdict: swarm.ProbeWrongType, reason: res.Reason}
	}
	return finding{verdict: swarm.ProbeWrongBytes, reason: why}
}

// differs tells how an answer differs from bytes, as far as it shows; "" if it does not.
func differs(b *Bytes, a *answer) string {
	total := int64(-1) // of the representation, as the answer has it
	switch {
	case a.status == http.StatusPartialContent:
		total = rangeTotal(a.header.Get("Content-Range"))
	case a.whole:
		total = a.read
	default:
		if n, err := strconv.ParseInt(a.header.Get("Content-Length"), 10, 64); err == nil {
			total = n
		}
	}
	n := min(len(a.head), len(b.Head))
	switch {
	case total >= 0 && total != b.Size:
		return fmt.Sprintf("%d bytes, expected %d", total, b.Size)
	case a.read > b.Size:
		return fmt.Sprintf("more than the %d bytes expected", b.Size)
	case !bytes.Equal(a.head[:n], b.Head[:n]):
		return "other bytes than the asset's, from the beginning on"
	case a.whole && a.status == http.StatusOK && a.sum != b.SHA256:
		return "other bytes than the asset's"
	}
	return ""
}

// rangeTotal returns the length of the whole in a Content-Range (RFC 9110, section
// 14.4), −1 where it does not tell.
func rangeTotal(s string) int64 {
	if _, total, ok := strings.Cut(s, "/"); ok {
		if n, err := strconv.ParseInt(strings.TrimSpace(total), 10, 64); err == nil && n >= 0 {
			return n
		}
	}
	return -1
}

// The times that a former release is allowed where headers do not tell.
const (
	someLifetime = 10 * time.Minute // in caches, of an answer without a lifetime (RFC 9111, section 4.2.2)
	deployTime   = time.Minute      // until every server has the new release
)

// stale judges the bytes of a former release: allowed as long as a cache may hold
// what it fetched in the moment before the next one came.
func stale(f Former, a *answer, now time.Time) finding {
	life, told := lifetime(a.header.Get("Cache-Control"))
	if !told {
		life = someLifetime
	}
	until := f.Until.Add(life)
	if age, ok := age(a.header).Get(); ok && told && now.Add(life-age).Before(until) {
		until = now.Add(life - age)
	}
	if least := f.Until.Add(deployTime); until.Before(least) {
		until = least
	}
	if left := until.Sub(now); left > 0 {
		return finding{verdict: swarm.ProbeStale, left: swarm.Known(left), reason: "the release before this one, which caches may still hold"}
	}
	return finding{
		verdict: swarm.ProbeWrongBytes,
		reason:  fmt.Sprintf("the release before this one, %s after its time", now.Sub(until).Round(time.Second)),
	}
}

// Bounds of foreign text, in cells.
const (
	urlCells      = 2100
	headerCells   = 200
	evidenceCells = 220
)

// probe puts a finding into the words of a snapshot, as that of a first round.
func (f finding) probe(rawURL string, addr netip.AddrPort, want Want, now time.Time) swarm.Probe {
	p := swarm.Probe{
		URL:       swarm.Clean(rawURL, urlCells),
		Verdict:   f.verdict,
		Reason:    swarm.Clean(f.reason, evidenceCells),
		Expected:  swarm.Clean(want.Type, headerCells),
		StaleLeft: f.left,
		Curl:      f.curl,
		Since:     now,
		Count:     1,
		At:        swarm.Known(now),
	}
	if addr.IsValid() {
		p.Address = addr.String()
	}
	if want.Bytes != nil {
		p.Wanted = swarm.Clean(contenttype.Evidence(want.Bytes.Head), evidenceCells)
	}
	if a := f.answer; a != nil {
		p.Request, p.Status = a.request, a.status
		header := func(name string) string { return swarm.Clean(strings.Join(a.header.Values(name), ", "), headerCells) }
		p.Type, p.Server, p.CacheControl = header("Content-Type"), header("Server"), header("Cache-Control")
		p.CacheStatus = swarm.Clean(cacheStatus(a.header), headerCells)
		p.Age = age(a.header)
		p.Evidence = swarm.Clean(contenttype.Evidence(a.head), evidenceCells)
	}
	return p
}
