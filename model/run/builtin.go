package run

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/durable"
	"atelier/model/weights"
)

// The runs that come with the program.
const (
	Illustrator = "illustrator" // draws what captions say
	Finder      = "finder"      // embeds pictures and captions in one space
)

// Files of a run that comes with the program.
const (
	builtInWeights = "weights.safetensors.gz"
	builtInLearned = "codec" // folder
)

//go:embed illustrator finder
var builtIn embed.FS

func isBuiltIn(name string) bool { return name == Illustrator || name == Finder }

// IsBuiltIn reports whether a name is that of a run that comes with the program, and of no other.
func (s *Studio) IsBuiltIn(name string) bool {
	if !isBuiltIn(name) {
		return false
	}
	_, err := OpenDir(s.Runs, name)
	return err != nil
}

// BuiltInHash is the hash of the checkpoint of a run that comes with the program; empty for another.
func (s *Studio) BuiltInHash(name string) (string, error) {
	if !s.IsBuiltIn(name) {
		return "", nil
	}
	file, err := builtIn.ReadFile(path.Join(name, builtInWeights))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:]), nil
}

// builtInRun opens a run that comes with the program, from the cache if the studio has one. It has
// no folder: only its name, settings and weights can be asked for.
func (s *Studio) builtInRun(name string) (*Run, error) {
	dir := &Dir{path: name, name: name, title: name}
	read := func() (*network, error) { return s.readBuiltIn(dir) }
	if s.Loaded == nil {
		n, err := read()
		if err != nil {
			return nil, err
		}
		return s.opened(dir, n, sync.OnceFunc(n.release)), nil
	}
	n, release, err := s.Loaded.take("built in: "+name, read)
	if err != nil {
		return nil, err
	}
	return s.opened(dir, n, release), nil
}

// readBuiltIn reads the network of a run that comes with the program.
func (s *Studio) readBuiltIn(dir *Dir) (*network, error) {
	config, facts, err := builtInFacts(dir.name)
	if err != nil {
		return nil, err
	}
	m, err := config.Model.Value.Model(facts.Spec)
	if err != nil {
		return nil, err
	}
	medium, err := mediumOf(config.Codec.Value)
	if err != nil {
		return nil, err
	}
	file, err := builtIn.ReadFile(path.Join(dir.name, builtInWeights))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(file)
	n := &network{dir: dir, config: config, spec: facts.Spec, hash: hex.EncodeToString(sum[:]),
		backend: s.Backend, kernels: s.Kernels, gather: s.Gather, store: model.NewStore(), model: m, medium: medium}
	n.sampler, n.steering = sync.OnceValues(n.newSampler), sync.OnceValues(n.newSteering)
	n.writer, n.inverter = sync.OnceValues(n.newWriter), sync.OnceValues(n.newInverter)
	unpacked, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	tensors, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, err
	}
	f, err := weights.Read(dir.name, tensors)
	if err != nil {
		return nil, err
	}
	return n, f.Widened().Serve(s.Backend, n.store, anyTensor)
}

// builtInFacts are the settings and the facts of a run that comes with the program.
func builtInFacts(name string) (*Config, Facts, error) {
	text, err := builtIn.ReadFile(path.Join(name, configFile))
	if err != nil {
		return nil, Facts{}, err
	}
	config, err := Parse(name, text)
	if err != nil {
		return nil, Facts{}, err
	}
	if text, err = builtIn.ReadFile(path.Join(name, factsFile)); err != nil {
		return nil, Facts{}, err
	}
	facts, err := parseFacts(text)
	if err != nil {
		return nil, Facts{}, fmt.Errorf("%s %w", name, err)
	}
	learner, ok := config.Codec.Value.(data.Learner)
	if !ok {
		return config, facts, nil
	}
	learned := map[string][]byte{}
	entries, err := builtIn.ReadDir(path.Join(name, builtInLearned))
	if err != nil {
		return nil, Facts{}, err
	}
	for _, e := range entries {
		if learned[e.Name()], err = builtIn.ReadFile(path.Join(name, builtInLearned, e.Name())); err != nil {
			return nil, Facts{}, err
		}
	}
	return config, facts, learner.Recall(learned)
}

// WriteBuiltIn writes the files of a run that comes with the program into a folder: its settings, its
// facts, what its codec learned, and the weights that it is used with, in half precision: the averages
// where the model keeps some.
func (r *Run) WriteBuiltIn(folder string) error {
	const averages = "average/"
	f, err := weights.Load(r.weights)
	if err != nil {
		return err
	}
	drawn := f.Halved(func(name string) bool { return strings.HasPrefix(name, averages) })
	if len(drawn.Names()) == 0 {
		drawn = f.Halved(func(name string) bool { return !strings.HasPrefix(name, "optimizer/") })
	}
	files := map[string][]byte{}
	var text bytes.Buffer
	packed, err := gzip.NewWriterLevel(&text, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := errors.Join(drawn.Write(packed), packed.Close()); err != nil {
		return err
	}
	files[builtInWeights] = text.Bytes()
	facts, err := r.Dir.Facts()
	if err != nil {
		return err
	}
	if files[factsFile], err = json.MarshalIndent(facts, "", "  "); err != nil {
		return err
	}
	config := *r.Config
	config.Steps = r.Step
	if files[configFile], err = config.Encode(); err != nil {
		return err
	}
	learned, err := learnedBy(r.Config.Codec.Value)
	if err != nil {
		return err
	}
	for name, content := range learned {
		files[path.Join(builtInLearned, name)] = content
	}
	if err := os.MkdirAll(filepath.Join(folder, builtInLearned), 0o777); err != nil {
		return durable.Explain(folder, err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := durable.WriteFile(filepath.Join(folder, filepath.FromSlash(name)), files[name]); err != nil {
			return err
		}
	}
	return nil
}
