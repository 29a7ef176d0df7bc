package bench

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/image/draw"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/run"
)

// The set that the classifier by which pictures are scored is tried on: crops of photographs,
// whose classes are the photographs. Those held out are of the right fifth of each.
const (
	cropSet    = "classifier"
	cropSide   = 32
	cropTrain  = 500 // a class
	cropTest   = 100
	cropLeast  = 40 // pixels of a photograph
	cropMost   = 140
	cropPoints = 1. // percentage points by which ours may be worse
)

// crops are the pictures of one part, by class.
type crops [][]*image.NRGBA

// photoCrops cuts crops out of all photographs of the program.
func photoCrops(seed uint64, shrink int) (names []string, train, test crops, err error) {
	files, err := fs.Glob(photoFiles, "photos/*.jpg")
	if err != nil {
		return nil, nil, nil, err
	}
	for i, file := range files {
		text, err := photoFiles.ReadFile(file)
		if err != nil {
			return nil, nil, nil, err
		}
		photo, err := decoded(text)
		if err != nil {
			return nil, nil, nil, err
		}
		rng := noise.Stream(seed, verdictKey, 3, uint64(i))
		cut := photo.Rect
		cut.Min.X = photo.Rect.Dx() * 4 / 5
		names = append(names, strings.TrimSuffix(path.Base(file), ".jpg"))
		train = append(train, cropsOf(photo, image.Rectangle{photo.Rect.Min, image.Pt(cut.Min.X, photo.Rect.Max.Y)}, cropTrain/shrink, rng))
		test = append(test, cropsOf(photo, cut, cropTest/shrink, rng))
	}
	return names, train, test, nil
}

// cropsOf cuts n crops out of a part of a photograph.
func cropsOf(photo *image.NRGBA, from image.Rectangle, n int, rng *rand.Rand) (all []*image.NRGBA) {
	for range n {
		side := min(cropLeast+rng.IntN(cropMost-cropLeast), from.Dx(), from.Dy())
		at := from.Min.Add(image.Pt(rng.IntN(from.Dx()-side+1), rng.IntN(from.Dy()-side+1)))
		out := image.NewNRGBA(image.Rect(0, 0, cropSide, cropSide))
		draw.CatmullRom.Scale(out, out.Rect, photo, image.Rectangle{at, at.Add(image.Pt(side, side))}, draw.Src, nil)
		all = append(all, out)
	}
	return all
}

// judgeClassifier trains the classifier by which pictures are scored, and PyTorch's same network
// for as many seconds of processor time.
func (v *Verdicts) judgeClassifier(ctx context.Context, on *Machine, emit func(Row)) error {
	names, train, test, err := photoCrops(uint64(v.Seed), v.Shrink)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "crops")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	began := processorSeconds()
	ours, err := v.trainedOn(ctx, on, dir, names, train, test)
	if err != nil {
		return err
	}
	seconds := processorSeconds() - began
	row := Row{Name: "accuracy of the automatic classifier on crops of photographs", Value: 100 * ours, Unit: "%", N: len(names) * len(test[0])}
	theirs, err := v.peerAccuracy(ctx, on, filepath.Join(dir, "crops.bin"), train, test, seconds)
	if err != nil {
		return err
	}
	on.Tell(fmt.Sprintf("the classifier took %.0f s of processor time", seconds))
	if theirs > 0 {
		row.Bar, row.Holds = fmt.Sprintf(">= %.1f", 100*theirs-cropPoints), 100*ours >= 100*theirs-cropPoints
		on.Tell(fmt.Sprintf("PyTorch's has %.1f %% after as much", 100*theirs))
	}
	emit(row)
	return nil
}

// trainedOn trains the classifier of scores on a folder of crops and returns its accuracy.
func (v *Verdicts) trainedOn(ctx context.Context, on *Machine, dir string, names []string, train, test crops) (float64, error) {
	for part, all := range map[string]crops{"train": train, "test": test} {
		for class, pictures := range all {
			folder := filepath.Join(dir, "set", part, names[class])
			if err := os.MkdirAll(folder, 0o777); err != nil {
				return 0, err
			}
			for i, p := range pictures {
				var file bytes.Buffer
				if err := png.Encode(&file, p); err != nil {
					return 0, err
				}
				if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d.png", i)), file.Bytes(), 0o666); err != nil {
					return 0, err
				}
			}
		}
	}
	source, err := registry.Make[data.Source]("folder", "path="+filepath.Join(dir, "set"))
	if err != nil {
		return 0, err
	}
	codec, err := registry.Make[data.Codec]("image", fmt.Sprintf("size=%d", cropSide), "channels=3")
	if err != nil {
		return 0, err
	}
	c, err := run.ClassifierConfig(data.Spec{Fields: []data.Field{{Name: data.Target, Kind: data.Pixels, Shape: []int{cropSide, cropSide, 3}}}})
	if err != nil {
		return 0, err
	}
	c.Name, c.Data, c.Codec, c.Steps = cropSet, source, codec, c.Steps/v.Shrink
	studio := *on.Studio
	studio.Runs = filepath.Join(dir, "runs")
	r, err := studio.Train(ctx, c)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	measured, err := r.Dir.Scores()
	if err != nil {
		return 0, err
	}
	for _, m := range measured {
		if m.Name == "accuracy" {
			return m.Value, nil
		}
	}
	return 0, fmt.Errorf("the classifier has no accuracy")
}

// peerAccuracy is that of PyTorch's network, 0 without PyTorch.
func (v *Verdicts) peerAccuracy(ctx context.Context, on *Machine, file string, train, test crops, seconds float64) (float64, error) {
	python, err := findTorch(ctx, on, v.Python, false)
	if python == nil || err != nil {
		return 0, err
	}
	defer python.close()
	var head, pictures, labels []byte
	for _, n := range []int{len(train) * len(train[0]), len(test) * len(test[0]), len(train), cropSide} {
		head = binary.LittleEndian.AppendUint32(head, uint32(n))
	}
	for _, part := range []crops{train, test} {
		for class, all := range part {
			for _, p := range all {
				for i := 0; i < len(p.Pix); i += 4 {
					pictures = append(pictures, p.Pix[i:i+3]...)
				}
				labels = append(labels, byte(class))
			}
		}
	}
	if err := os.WriteFile(file, append(append(head, pictures...), labels...), 0o666); err != nil {
		return 0, err
	}
	out, err := python.command(ctx, "classifier.py", file, fmt.Sprint(seconds)).Output()
	if err != nil {
		return 0, fmt.Errorf("classifier.py: %w", err)
	}
	var accuracy float64
	var steps int
	if _, err := fmt.Sscan(string(out), &accuracy, &steps); err != nil {
		return 0, fmt.Errorf("classifier.py printed %q: %w", out, err)
	}
	return accuracy, nil
}
