package run

import (
	"fmt"
	"maps"
	"slices"

	"atelier/data"
	"atelier/internal/durable"
)

const (
	learnedFolder = "codec"
	learnedLimit  = 64 << 20 // bytes of all its files
)

// keepLearned writes what the codec learned from the data, and returns its hash; empty if
// it learns nothing.
func (d *Dir) keepLearned(codec data.Codec) (hash string, err error) {
	files, err := learnedBy(codec)
	if err != nil || len(files) == 0 {
		return "", err
	}
	err = durable.WriteDir(d.Path(learnedFolder), func(to *durable.Files) error {
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if err := to.WriteFile(name, files[name]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return durable.Verify(d.Path(learnedFolder))
}

// learnedBy returns what a codec learned, within the size limit.
func learnedBy(codec data.Codec) (map[string][]byte, error) {
	l, ok := codec.(data.Learner)
	if !ok {
		return nil, nil
	}
	files, err := l.Learned()
	size := 0
	for _, file := range files {
		size += len(file)
	}
	if err == nil && size > learnedLimit {
		err = fmt.Errorf("what the codec learned from the data takes %d bytes; a run keeps at most %d", size, learnedLimit)
	}
	return files, err
}

// recallLearned restores what keepLearned wrote, with that hash, to the codec.
func (d *Dir) recallLearned(codec data.Codec, hash string) error {
	if hash == "" {
		return nil
	}
	l, ok := codec.(data.Learner)
	if !ok {
		return fmt.Errorf("%s is damaged: its codec has files, and that of %s has none", d.Path(factsFile), configFile)
	}
	files, is, err := durable.Read(d.Path(learnedFolder), learnedLimit)
	if err != nil {
		return err
	}
	if is != hash {
		return fmt.Errorf("%s is not what the run began with: its hash is %s, that of %s is %s", d.Path(learnedFolder), is, factsFile, hash)
	}
	if err := l.Recall(files); err != nil {
		return fmt.Errorf("%s: %w", d.Path(learnedFolder), err)
	}
	return nil
}
