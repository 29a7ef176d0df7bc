package server

import (
	"net/http"
	"time"

	"atelier/app"
	"atelier/internal/durable"
	"atelier/jobs"
)

// Limits bound what clients may use. What is too large for one request is refused with 413 or 422;
// what would be too much at once with 429 or, for all together, 503, and Retry-After; what the disk
// has no room for with 507.
type Limits struct {
	// Upload is the size of an upload in bytes, Files how many files it may have, and Members how
	// many an archive may have that a request names.
	Upload         int64
	Files, Members int
	// N is the largest n of a request; Tokens is how many tokens its texts may have, n times their
	// length, and Pixels how many pixels the pictures that it is given have, all together.
	N              int
	Tokens, Pixels int64
	// Each bounds what a token may have at once, that of the owner aside, and All what all have.
	Each, All Quota
	// Rate is how many requests a second a caller may send, and Burst how many at once.
	Rate, Burst int
	// Reserve is how many bytes of the disk stay free.
	Reserve float64
	// Apps is how many apps are run at once.
	Apps int
	// Head is how long a client has for the head of a request.
	Head time.Duration
}

// A Quota bounds what is there at once.
type Quota struct {
	// Bytes is the size of uploads and, for a token, of results.
	Bytes int64
	// Jobs is how many jobs wait, Tokens how many tokens these may write, and Pixels how many pixels
	// they were given.
	Jobs, Tokens, Pixels int64
	// Streams is how many streams of events are followed, Requests how many requests wait for their job.
	Streams, Requests int
}

// waiting is the part of a quota that is of jobs.
func (q Quota) waiting() jobs.Quota {
	return jobs.Quota{Jobs: q.Jobs, Tokens: q.Tokens, Pixels: q.Pixels}
}

// UsualLimits are those of a studio that a person runs.
func UsualLimits() Limits {
	return Limits{Upload: 4 << 30, Files: 100_000, Members: 1_000_000, N: 10_000, Tokens: 1_000_000, Pixels: 256 << 20,
		Each: Quota{Bytes: 32 << 30, Jobs: 10_000, Tokens: 10_000_000, Pixels: 4 << 30, Streams: 64, Requests: 48},
		All:  Quota{Bytes: 64 << 30, Jobs: 100_000, Tokens: 100_000_000, Pixels: 32 << 30, Streams: 1024, Requests: 64},
		Rate: 2000, Burst: 4000, Reserve: 1 << 30, Apps: 2, Head: 10 * time.Second}
}

// within refuses a request for more than one may ask for.
func (l Limits) within(asked app.Amount) error {
	switch {
	case asked.Works > int64(l.N):
		return fieldf("n", "want at most %d in one request, got %d", l.N, asked.Works)
	case asked.Tokens > l.Tokens:
		return fieldf("length", "want at most %d tokens in one request, got %d texts of %d: %d", l.Tokens, asked.Works, asked.Tokens/asked.Works, asked.Tokens)
	case asked.Pixels > l.Pixels:
		return failf(http.StatusRequestEntityTooLarge, "want pictures of at most %d megapixels in one request, together, got %d", l.Pixels>>20, asked.Pixels>>20)
	}
	return nil
}

// room refuses what would fill the disk.
func (s *Server) room(bytes int64) error {
	free, known := durable.Free(s.config.Home)
	if known && free-float64(bytes) < s.config.Limits.Reserve {
		return failf(http.StatusInsufficientStorage, "the disk has %.0f MiB free, and %.0f MiB of it are kept; delete something first", free/(1<<20), s.config.Limits.Reserve/(1<<20))
	}
	return nil
}

// roomFor refuses what would fill the disk, or be more than a token may keep.
func (s *Server) roomFor(by string, bytes int64) error {
	if err := s.room(bytes); err != nil {
		return err
	}
	if most := s.config.Limits.Each.Bytes; by != ownerName && s.uploads.of(by)+s.queue.Kept(by)+bytes > most {
		return failf(http.StatusInsufficientStorage, "the uploads and results of the token %q may have %d MiB; delete some of them, and have the owner empty the trash", by, most>>20)
	}
	return nil
}
