package data

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"atelier/internal/badinput"
)

// versioned is a source of one version.
type versioned struct {
	Source
	version string
}

func (v versioned) VersionHash(context.Context) (string, error) {
	if v.version == "" {
		return "", errors.New("the version is gone")
	}
	return v.version, nil
}

// counting is a codec of numbers that counts what it encodes.
type counting struct {
	Kind  Kind
	Shift float32
	count *atomic.Int64
	at    func(encoded int64) // called for every example, if it is set
}

func (c *counting) Spec(classes []string) (Spec, error) { return plain{c.Kind}.Spec(classes) }

func (c *counting) Encode(ex Example, b *Batch, at int) error {
	if c.count != nil {
		if n := c.count.Add(1); c.at != nil {
			c.at(n)
		}
	}
	err := plain{c.Kind}.Encode(ex, b, at)
	b.Column(Target).Row(at)[0] += c.Shift + shiftOfProgram
	return err
}

func (c *counting) Decode(*Batch, int) (Item, error) { return Item{}, errors.ErrUnsupported }
func (c *counting) MediaType() string                { return "" }

// shiftOfProgram stands for a change of the program.
var shiftOfProgram float32

// bytesOf is a codec of texts, a token a byte, that learns the least byte.
type bytesOf struct {
	Size  int
	Least *byte
}

func (c *bytesOf) Fit(items iter.Seq2[Item, error]) error {
	least := byte(255)
	for it := range items {
		least = min(least, slices.Min(it.Bytes))
	}
	c.Least = &least
	return nil
}

func (c *bytesOf) Spec(classes []string) (Spec, error) { return stream{size: c.Size}.Spec(classes) }

func (c *bytesOf) Tokens(it Item) (out []int32, err error) {
	for _, b := range it.Bytes {
		out = append(out, int32(b-*c.Least))
	}
	return out, nil
}

func (*bytesOf) Encode(Example, *Batch, int) error { return errors.ErrUnsupported }
func (*bytesOf) Decode(*Batch, int) (Item, error)  { return Item{}, errors.ErrUnsupported }
func (*bytesOf) MediaType() string                 { return "" }

// told collects notices.
type told []string

func (l *told) cache(dir string) Cache {
	return Cache{Dir: dir, Notice: func(s string) { *l = append(*l, s) }}
}

func parity(_ Split, i int) string { return []string{"even", "odd"}[i%2] }

// same fails unless both sets are the same to all who use them.
func same(t interface{ Fatal(...any) }, got, want *Dataset) {
	if got.Hash() != want.Hash() || got.Len() != want.Len() || !got.Spec().Equal(want.Spec()) {
		t.Fatal("got", got.Len(), got.Spec(), "want", want.Len(), want.Spec())
	}
	for i := range want.Len() {
		a, b := got.Batch([]int{i}), want.Batch([]int{i})
		for k := range a.Columns {
			if !slices.Equal(a.Columns[k].Floats, b.Columns[k].Floats) || !slices.Equal(a.Columns[k].Ints, b.Columns[k].Ints) {
				t.Fatal("example", i, "differs")
			}
		}
	}
}

func TestCacheIsTheSet(t *testing.T) {
	dir := t.TempDir()
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		src := numbers{train: rapid.IntRange(2, 700).Draw(t, "train"), test: rapid.IntRange(0, 300).Draw(t, "test")}
		if rapid.Bool().Draw(t, "labelled") {
			src.label = parity
		}
		version := versioned{src, fmt.Sprint(src.train, src.test, src.label == nil)}
		var notices told
		count := new(atomic.Int64)
		codec := &counting{Kind: rapid.SampledFrom([]Kind{Pixels, Vector}).Draw(t, "kind"), count: count}
		train, test, err := Load(ctx, src, codec)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			a, b, err := notices.cache(dir).Load(ctx, version, codec)
			if err != nil {
				t.Fatal(err)
			}
			same(t, a, train)
			same(t, b, test)
		}
		count.Store(0)
		if _, _, err := notices.cache(dir).Load(ctx, version, codec); err != nil || count.Load() > compared || len(notices) > 0 {
			t.Fatal(err, "encoded", count, notices)
		}
	})
}

func TestCacheOfTexts(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	src := texts{train: []int{40, 5, 17}, test: []int{9}}
	train, test, err := Load(ctx, src, &bytesOf{Size: 5})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		codec := &bytesOf{Size: 5}
		a, b, err := Cache{Dir: dir}.Load(ctx, versioned{src, "v"}, codec)
		if err != nil {
			t.Fatal(err)
		}
		same(t, a, train)
		same(t, b, test)
		if codec.Least == nil {
			t.Error("the codec is not fitted")
		}
		if a.mapped == nil {
			t.Error("not mapped")
		}
	}
}

// Whatever happens to the file, the set is right; and it is told.
func TestCacheFindsDamage(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	src := versioned{numbers{train: 300, test: 20, label: parity}, "v"}
	codec := &counting{Kind: Pixels}
	want, _, err := Cache{Dir: dir}.Load(ctx, src, codec)
	if err != nil {
		t.Fatal(err)
	}
	path := onlyFile(t, dir)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damage := func(name string, file []byte) {
		if err := os.Remove(path); err != nil { // what is mapped stays as it was
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file, 0o666); err != nil {
			t.Fatal(err)
		}
		var notices told
		got, _, err := notices.cache(dir).Load(ctx, src, codec)
		if err != nil {
			t.Fatal(name, err)
		}
		same(t, got, want)
		if len(notices) != 1 || !strings.HasPrefix(notices[0], path+" is ") || !strings.HasSuffix(notices[0], ": it is rebuilt") {
			t.Error(name, notices)
		}
		if again, err := os.ReadFile(path); err != nil || !slices.Equal(again, whole) {
			t.Error(name, "is not rebuilt", err)
		}
	}
	for i := 0; i < len(whole); i += 64 {
		damage(fmt.Sprint("truncated at ", i), whole[:i])
		flipped := slices.Clone(whole)
		flipped[i] ^= 1 << (i / 64 % 8)
		damage(fmt.Sprint("flipped at ", i), flipped)
	}
	damage("longer", append(slices.Clone(whole), 0))
}

// onlyFile is the file of the only set in the cache.
func onlyFile(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*", examplesFile))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	return found[0]
}

func TestCacheKnowsChanges(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	src := versioned{numbers{train: 30}, "v"}
	first := func(c Codec, v versioned) float32 {
		d, _, err := Cache{Dir: dir}.Load(ctx, v, c)
		if err != nil {
			t.Fatal(err)
		}
		return d.Batch([]int{3}).Column(Target).Floats[0]
	}
	if got := first(&counting{Kind: Pixels}, src); got != 3 {
		t.Error(got)
	}
	if got := first(&counting{Kind: Pixels, Shift: 2}, src); got != 5 {
		t.Error("other settings give", got)
	}
	shiftOfProgram = 7
	defer func() { shiftOfProgram = 0 }()
	if got := first(&counting{Kind: Pixels}, src); got != 10 {
		t.Error("another version of the program gives", got)
	}
	if err := (Cache{Dir: dir}).Forget("w"); err != nil || len(entries(t, dir)) != 2 {
		t.Error(err, entries(t, dir))
	}
	if err := (Cache{Dir: dir}).Forget("v"); err != nil || len(entries(t, dir)) != 0 {
		t.Error(err, entries(t, dir))
	}
}

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found {
		names = append(names, e.Name())
	}
	return names
}

func TestCacheRefuses(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	strange := func(split Split, _ int) string { return string(split) }
	_, _, err := Cache{Dir: dir}.Load(ctx, versioned{numbers{train: 3, test: 300, label: strange}, "v"}, &counting{Kind: Pixels})
	if want := `test part: test/0: no class "test"`; err == nil || err.Error() != want || !errors.Is(err, badinput.Err) {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, _, err := (Cache{Dir: dir}).Load(ctx, versioned{numbers{}, "v"}, &counting{Kind: Pixels}); !errors.Is(err, ErrEmpty) {
		t.Errorf("an empty set gives %v", err)
	}
	if _, _, err := (Cache{Dir: dir}).Load(ctx, versioned{numbers{train: 1}, ""}, &counting{Kind: Pixels}); err == nil {
		t.Error("accepts a version without a hash")
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "*", "*examples*")); len(found) > 0 {
		t.Error("left behind:", found)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	var notices told
	train, _, err := notices.cache(file).Load(ctx, versioned{numbers{train: 5}, "v"}, &counting{Kind: Pixels})
	if err != nil || train.Len() != 5 || len(notices) != 1 || !strings.HasSuffix(notices[0], "the examples are kept in memory") {
		t.Error("without a folder:", err, notices)
	}
}

// The batches of a cached set are made without allocation.
func TestCacheDoesNotAllocate(t *testing.T) {
	d, _, err := Cache{Dir: t.TempDir()}.Load(t.Context(), versioned{numbers{train: 100_000}, "v"}, &counting{Kind: Pixels})
	if err != nil {
		t.Fatal(err)
	}
	l := NewLoader(d, 64, 1, nil, 0)
	defer l.Close()
	if n := testing.AllocsPerRun(200, func() {
		if _, err := l.Next(context.Background()); err != nil {
			t.Fatal(err)
		}
	}); n >= 1 {
		t.Errorf("%g allocations a batch", n)
	}
}

// cacheOf names the cache that a process of TestCacheOfProcesses loads into.
const cacheOf = "ATELIER_TEST_CACHE"

// haltIn is set for a process that is to wait in the middle of its work: until it is
// killed, or until its standard input ends.
const haltIn = "ATELIER_TEST_CACHE_HALT"

// halted is what a process prints that waits in the middle of its work.
const halted = "halted"

// loadAsProcess loads the set of TestCacheOfProcesses and prints its hash and
// whether it encoded all of it.
func loadAsProcess(dir string) {
	codec := &counting{Kind: Pixels, count: new(atomic.Int64)}
	if os.Getenv(haltIn) != "" {
		codec.at = func(encoded int64) {
			if encoded == 200 {
				fmt.Println(halted)
				io.Copy(io.Discard, os.Stdin)
			}
		}
	}
	d, _, err := Cache{Dir: dir}.Load(context.Background(), versioned{numbers{train: 400}, "v"}, codec)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(d.Hash(), codec.count.Load() >= 400)
}

// Of several processes at once one makes the set; one that is killed leaves nothing.
func TestCacheOfProcesses(t *testing.T) {
	dir := t.TempDir()
	begun := func() bool {
		found, _ := filepath.Glob(filepath.Join(dir, "*", ".new-*"))
		return len(found) > 0
	}
	killed, lines, _ := haltedLoad(t, dir)
	if !begun() {
		t.Error("nothing is on the disk in the middle of the work")
	}
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, lines)
	killed.Wait()
	first, lines, goOn := haltedLoad(t, dir) // the others find it at work
	var others []*exec.Cmd
	var outputs []*strings.Builder
	for range 2 {
		c, out := loading(dir), new(strings.Builder)
		c.Stdout, c.Stderr = out, out
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		others, outputs = append(others, c), append(outputs, out)
	}
	goOn.Close()
	said, err := io.ReadAll(lines)
	if err := errors.Join(err, first.Wait()); err != nil {
		t.Fatal(err, string(said))
	}
	want := mustLoad(t, 400).Hash()
	if string(said) != want+" true\n" {
		t.Errorf("got %s", said)
	}
	for i, c := range others {
		if err := c.Wait(); err != nil {
			t.Fatal(err, outputs[i])
		}
		if outputs[i].String() != want+" false\n" {
			t.Error("got", outputs[i])
		}
	}
	if begun() {
		t.Error("something is left")
	}
}

// loading is a process that loads the set of TestCacheOfProcesses.
func loading(dir string) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), cacheOf+"="+dir)
	return c
}

// haltedLoad starts one that has stopped in the middle of its work, and goes on once
// its input is closed.
func haltedLoad(t *testing.T, dir string) (c *exec.Cmd, lines *bufio.Reader, in io.Closer) {
	t.Helper()
	c = loading(dir)
	c.Env = append(c.Env, haltIn+"=1")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines = bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); line != halted+"\n" {
		t.Fatal(line, err)
	}
	return c, lines, in
}

// FuzzExamples lays sets over files of examples whose hash is right and whatever else is
// in them.
func FuzzExamples(f *testing.F) {
	sealed := func(numbers, text []byte) []byte {
		sum := sha256.Sum256(text)
		file := append(slices.Clone(numbers), text...)
		file = binary.LittleEndian.AppendUint64(file, uint64(len(text)))
		return append(append(file, sum[:]...), examplesMark...)
	}
	const seed = `{"key":"k","codec":{},"spec":{"fields":[{"name":"target","kind":"%s","shape":[%s]}]},"parts":[{"examples":%d,"texts":[%s],"hash":"x"},{"examples":0}]}`
	f.Add(make([]byte, 64), fmt.Appendf(nil, seed, Vector, "2", 8, ""), false)
	f.Add(make([]byte, 64), fmt.Appendf(nil, seed, Vector, "0", 1<<60, ""), false)
	f.Add(make([]byte, 64), fmt.Appendf(nil, seed, Vector, "4294967296,4294967296", 1, ""), false)
	f.Add(make([]byte, 64), fmt.Appendf(nil, seed, Vector, "-1", -1, ""), false)
	f.Add(make([]byte, 64), fmt.Appendf(nil, seed, Tokens, "4", 0, "7,9"), true)
	f.Add(make([]byte, 64), fmt.Appendf(nil, seed, Tokens, "1", 0, "16"), true)
	f.Add([]byte("x"), []byte("{}"), false)
	f.Fuzz(func(t *testing.T, numbers, text []byte, texts bool) {
		var codec Codec = &counting{Kind: Vector}
		if texts {
			codec = &bytesOf{Size: 4}
		}
		whole := func(Codec, *Dataset) error { return nil }
		readExamples(&mapping{text}, "k", "set", codec, whole)
		train, test, err := readExamples(&mapping{sealed(numbers, text)}, "k", "set", codec, whole)
		if err != nil {
			return
		}
		for _, d := range []*Dataset{train, test} {
			if n := d.Len(); n > 0 && len(d.Spec().Fields) > 0 {
				d.Batch([]int{0, n - 1})
			}
		}
	})
}
