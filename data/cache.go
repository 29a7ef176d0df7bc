package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"atelier/internal/durable"
)

// A Cache keeps encoded versions of sets on disk. The zero Cache keeps nothing.
type Cache struct {
	// Dir is the folder of the cache, created on first use.
	Dir string
	// Notice receives messages for people, a line at a time; nil ignores them.
	Notice func(string)
	// Ready is asked before a set is encoded, which can take long, whether there is use for
	// its examples; nil takes them all. A set of which none of the first examples can be
	// encoded is encoded all the same, which tells what is wrong with them.
	Ready func(Spec) error
	// Progress receives the number of Items read and the total, 0 if unknown; nil ignores
	// it.
	Progress func(done, total int)

	held int // bytes of the tokens of a part that stay in memory; mostHeld if 0
}

// The files of a cached set.
const (
	examplesFile = "examples"
	lockFile     = "lock"
)

// lockPause is the time between two attempts to get the lock of a cached set.
const lockPause = 100 * time.Millisecond

// Load is the function [Load], but the examples of a [Versioned] source are encoded
// only once, into a file that is then mapped into memory: the disk bounds their
// size. Processes that need the same set at once wait for the one that encodes it. A
// damaged or outdated file is replaced; if none can be written, the examples stay
// in memory. The tokens of other texts, if they are large, lie in a file of the folder that
// is gone when the program ends. What the source drops is skipped and reported, if there is a Notice.
func (c Cache) Load(ctx context.Context, src Source, codec Codec) (train, test *Dataset, err error) {
	defer func() { err = marked(ctx, err) }()
	if l, ok := codec.(Loading); ok {
		if err := l.Load(); err != nil {
			return nil, nil, err
		}
	}
	v, ok := src.(Versioned)
	if !ok || c.Dir == "" || len(companions(src)) > 0 || reflect.TypeOf(codec).Kind() != reflect.Pointer {
		return c.load(ctx, src, codec)
	}
	version, err := v.VersionHash(ctx)
	if err != nil {
		return nil, nil, err
	}
	e, err := c.entry(version, src, codec)
	if err != nil {
		return nil, nil, err
	}
	if train, test, ok = e.open(ctx); ok {
		return train, test, nil
	}
	if train, test, err = e.make(ctx); !errors.Is(err, errNoCache) {
		return train, test, err
	}
	c.notice(fmt.Sprintf("%v; the examples are kept in memory", err))
	return c.load(ctx, src, codec)
}

// Forget removes the encoded examples of a version, by its hash.
func (c Cache) Forget(version string) error {
	if c.Dir == "" {
		return nil
	}
	found, err := filepath.Glob(filepath.Join(c.Dir, prefixOf(version)+"-*"))
	for _, dir := range found {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}

func (c Cache) notice(line string) {
	if c.Notice != nil {
		c.Notice(line)
	}
}

// prefixOf is the prefix of the folder names of a version.
func prefixOf(version string) string {
	sum := sha256.Sum256([]byte(version))
	return hex.EncodeToString(sum[:8])
}

// errNoCache reports that a set cannot be kept on disk.
var errNoCache = errors.New("the cache cannot be used")

// A cacheEntry is the place of a set in the cache.
type cacheEntry struct {
	Cache
	src   Source
	codec Codec
	key   string // stands for the version, the codec and its settings
	dir   string
}

// choosing is a number that grows when other Items of a version come to be encoded than before, so
// that entries of earlier programs are replaced.
const choosing = 2

func (c Cache) entry(version string, src Source, codec Codec) (*cacheEntry, error) {
	settings, err := json.Marshal(codec)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %T %s", choosing, version, codec, settings))
	key := hex.EncodeToString(sum[:])
	return &cacheEntry{c, src, codec, key, filepath.Join(c.Dir, prefixOf(version)+"-"+key[:16])}, nil
}

func (e *cacheEntry) path() string { return filepath.Join(e.dir, examplesFile) }

// open returns the cached set, if it exists and is valid.
func (e *cacheEntry) open(ctx context.Context) (train, test *Dataset, ok bool) {
	train, test, err := openExamples(e.path(), e.key, nameOf(e.src), e.codec, func(c Codec, train *Dataset) error {
		return compareFirst(ctx, newSieve(e.src, Cache{Notice: func(string) {}}), c, train)
	})
	if err == nil {
		return train, test, true
	}
	var unread *fs.PathError // there is no file, or making it anew will tell why not
	if !errors.As(err, &unread) && ctx.Err() == nil {
		e.notice(fmt.Sprintf("%s %v: it is rebuilt", e.path(), err))
	}
	return nil, nil, false
}

// make encodes the set into the cache, unless another process has just done so.
func (e *cacheEntry) make(ctx context.Context) (train, test *Dataset, err error) {
	if err := os.MkdirAll(e.dir, 0o777); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errNoCache, durable.Explain(e.dir, err))
	}
	lock := durable.NewLock(filepath.Join(e.dir, lockFile))
	if _, err := lock.TryLockContext(ctx, lockPause); err != nil {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		return nil, nil, fmt.Errorf("%w: %w", errNoCache, durable.Explain(lock.Path(), err))
	}
	defer lock.Close()
	quiet := *e
	quiet.Notice = nil
	if train, test, ok := quiet.open(ctx); ok {
		return train, test, nil
	}
	if err := durable.Sweep(e.dir); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errNoCache, err)
	}
	if err := e.write(ctx); err != nil {
		return nil, nil, err
	}
	if train, test, ok := e.open(ctx); ok {
		return train, test, nil
	}
	return nil, nil, fmt.Errorf("%w: %s was just written and does not read back", errNoCache, e.path())
}

// write encodes the set into its file. The error wraps errNoCache unless the set is the
// cause.
func (e *cacheEntry) write(ctx context.Context) error {
	return e.encodeSet(ctx, e.src, e.codec, func(spec Spec) error { return e.writeAs(ctx, spec) })
}

func (e *cacheEntry) writeAs(ctx context.Context, spec Spec) error {
	var wrong error // with the set
	err := durable.Write(e.path(), func(w io.Writer) error {
		f := newExamplesWriter(w, e.key, spec)
		err := encodeParts(ctx, newSieve(e.src, e.Cache), e.codec, spec, diskRoom(e.dir), f.part)
		if err != nil && f.err == nil {
			wrong = err
			return err
		}
		return f.finish(e.codec)
	})
	switch {
	case wrong != nil:
		return wrong
	case err != nil:
		return fmt.Errorf("%w: %w", errNoCache, err)
	}
	return nil
}
