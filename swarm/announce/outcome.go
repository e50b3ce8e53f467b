package announce

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
)

// statusError is an answer with an HTTP status other than 200.
type statusError struct {
	code   int
	reason string // the failure reason in its body, if it had one
}

func (e *statusError) Error() string {
	s := fmt.Sprintf("HTTP %d %s", e.code, http.StatusText(e.code))
	if e.reason != "" {
		s += ": " + e.reason
	}
	return s
}

// reasonError is a failure reason (BEP 3).
type reasonError string

func (e reasonError) Error() string { return "refused: " + string(e) }

// garbageError is an answer that cannot be read.
type garbageError string

func (e garbageError) Error() string { return "unreadable answer: " + string(e) }

// judge names the outcome of an announce, and the error for people.
func judge(err error, latency time.Duration) (swarm.Outcome, string) {
	if err == nil {
		if latency > slowAfter {
			return swarm.AnswerSlow, ""
		}
		return swarm.AnswerOK, ""
	}
	outcome := classify(err)
	text := plain(err)
	switch outcome {
	case swarm.FailedTimeout:
		text = "timed out after " + latency.Round(100*time.Millisecond).String()
	case swarm.FailedOther:
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			text = "closed the connection without a whole answer"
		}
	}
	return outcome, swarm.Clean(text, maxErrorCells)
}

// plain is the error without the request's long URL around it, and that of a name
// without who was asked.
func plain(err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return "lookup " + dns.Name + ": " + dns.Err
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return err.Error()
}

func classify(err error) swarm.Outcome {
	var (
		refusal     *admit.AddressError
		status      *statusError
		reason      reasonError
		garbage     garbageError
		dns         *net.DNSError
		timeout     net.Error
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		operation   *net.OpError
	)
	switch {
	case errors.As(err, &refusal):
		return swarm.FailedBlocked
	case errors.As(err, &status):
		return swarm.FailedHTTP
	case errors.As(err, &reason):
		return swarm.FailedReason
	case errors.As(err, &garbage):
		return swarm.FailedGarbage
	case errors.As(err, &dns):
		return swarm.FailedDNS
	case errors.Is(err, syscall.ECONNREFUSED):
		return swarm.FailedRefused
	case errors.As(err, &certificate), errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch),
		errors.As(err, &operation) && (operation.Op == "remote error" || operation.Op == "local error"): // TLS alerts
		return swarm.FailedTLS
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return swarm.FailedTimeout
	case strings.Contains(err.Error(), "malformed HTTP"), // net/http has no type for it
		errors.Is(err, errTooLarge):
		return swarm.FailedGarbage
	}
	return swarm.FailedOther
}
