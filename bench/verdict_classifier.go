package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/image/draw"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/run"
	trains "atelier/model/train"
)

// The set that the classifier by which pictures are scored is tried on: crops of photographs,
// whose classes are the photographs. Those held out are of the right fifth of each.
const (
	cropSet    = "classifier"
	cropSide   = 32
	cropTrain  = 500 // a class
	cropTest   = 300
	cropLeast  = 40 // pixels of a photograph
	cropMost   = 140
	cropPoints = 1. // percentage points by which ours may be worse
	cropTurn   = 50 // steps of ours, after which it is PyTorch's turn
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

// judgeClassifier trains the classifier by which pictures are scored and, by turns with it, PyTorch's
// same network for as many seconds of processor time.
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
	peer, err := v.startPeer(ctx, on, filepath.Join(dir, "crops.bin"), train, test)
	if err != nil {
		return err
	}
	defer peer.close()
	ours, err := v.trainedOn(ctx, on, peer, dir, names, train, test)
	if err != nil {
		return err
	}
	theirs, err := peer.accuracy()
	if err != nil {
		return err
	}
	row := Row{Name: "accuracy of the automatic classifier on crops of photographs", Value: 100 * ours, Unit: "%", N: len(names) * len(test[0])}
	if peer != nil {
		theirs *= 100
		on.Tell(fmt.Sprintf("PyTorch's took %d steps in as many seconds", peer.steps))
		row.Peer, row.Bar, row.Holds = &theirs, fmt.Sprintf(">= %.1f", theirs-cropPoints), 100*ours >= theirs-cropPoints
	}
	emit(row)
	return nil
}

// trainedOn trains the classifier of scores on a folder of crops and returns its accuracy. The peer
// follows it, unless it is nil.
func (v *Verdicts) trainedOn(ctx context.Context, on *Machine, peer *cropPeer, dir string, names []string, train, test crops) (float64, error) {
	c, err := cropConfig(filepath.Join(dir, "set"), names, train, test)
	if err != nil {
		return 0, err
	}
	c.Name, c.Steps = cropSet, c.Steps/v.Shrink
	studio := *on.Studio
	studio.Runs = filepath.Join(dir, "runs")
	var behind error
	began := processorSeconds()
	studio.Progress = func(e trains.Event) {
		if on.Progress != nil {
			on.Progress(e)
		}
		if behind == nil && (e.Step%cropTurn == 0 || e.Step == e.Total) {
			behind = peer.follow(float64(e.Step)/float64(e.Total), processorSeconds()-began)
		}
	}
	r, err := studio.Train(ctx, c)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	if behind != nil {
		return 0, behind
	}
	return accuracyOf(r)
}

// accuracyOf is the share of the test pictures that a classifier was right about, by its last score.
func accuracyOf(r *run.Run) (float64, error) {
	measured, err := r.Dir.Scores()
	if err != nil {
		return 0, err
	}
	for _, m := range slices.Backward(measured) {
		if m.Name == "accuracy" {
			return m.Value, nil
		}
	}
	return 0, fmt.Errorf("the classifier has no accuracy")
}

// cropConfig writes crops into folders by part and class, and is how the classifier of scores is
// trained on them.
func cropConfig(dir string, names []string, train, test crops) (*run.Config, error) {
	for part, all := range map[string]crops{"train": train, "test": test} {
		for class, pictures := range all {
			folder := filepath.Join(dir, part, names[class])
			if err := os.MkdirAll(folder, 0o777); err != nil {
				return nil, err
			}
			for i, p := range pictures {
				var file bytes.Buffer
				if err := png.Encode(&file, p); err != nil {
					return nil, err
				}
				if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d.png", i)), file.Bytes(), 0o666); err != nil {
					return nil, err
				}
			}
		}
	}
	c, err := run.ClassifierConfig(data.Spec{Fields: []data.Field{{Name: data.Target, Kind: data.Pixels, Shape: []int{cropSide, cropSide, 3}}}})
	if err != nil {
		return nil, err
	}
	if c.Data, err = registry.Make[data.Source]("folder", "path="+dir); err != nil {
		return nil, err
	}
	c.Codec, err = registry.Make[data.Codec]("image", fmt.Sprintf("size=%d", cropSide), "channels=3")
	return c, err
}

// A cropPeer is PyTorch's network while it is trained on the crops.
type cropPeer struct {
	python *torch
	child  *exec.Cmd
	turns  io.WriteCloser
	said   *bufio.Reader
	errors bytes.Buffer
	steps  int
}

// startPeer writes the crops to a file and starts PyTorch's program. The peer is nil without PyTorch.
func (v *Verdicts) startPeer(ctx context.Context, on *Machine, file string, train, test crops) (*cropPeer, error) {
	python, err := findTorch(ctx, on, v.Python, false)
	if python == nil || err != nil {
		return nil, err
	}
	p := &cropPeer{python: python, child: python.command(ctx, "classifier.py", file)}
	p.child.Stderr = &p.errors
	if err := p.start(file, train, test); err != nil {
		python.close()
		return nil, fmt.Errorf("classifier.py: %w", err)
	}
	return p, nil
}

func (p *cropPeer) start(file string, train, test crops) error {
	if err := os.WriteFile(file, packed(train, test), 0o666); err != nil {
		return err
	}
	said, err := p.child.StdoutPipe()
	if err != nil {
		return err
	}
	p.said = bufio.NewReader(said)
	if p.turns, err = p.child.StdinPipe(); err != nil {
		return err
	}
	return p.child.Start()
}

// packed is the file that classifier.py reads.
func packed(train, test crops) []byte {
	var file, labels []byte
	for _, n := range []int{len(train) * len(train[0]), len(test) * len(test[0]), len(train), cropSide} {
		file = binary.LittleEndian.AppendUint32(file, uint32(n))
	}
	for _, part := range []crops{train, test} {
		for class, all := range part {
			for _, p := range all {
				for i := 0; i < len(p.Pix); i += 4 {
					file = append(file, p.Pix[i:i+3]...)
				}
				labels = append(labels, byte(class))
			}
		}
	}
	return append(file, labels...)
}

// follow has the peer train until it has used so many seconds, and waits for that. The share of the
// training that is done then sets its learning rate.
func (p *cropPeer) follow(share, seconds float64) error {
	if p == nil {
		return nil
	}
	if _, err := fmt.Fprintln(p.turns, share, seconds); err != nil {
		return p.failed(err)
	}
	if _, err := fmt.Fscan(p.said, &p.steps); err != nil {
		return p.failed(err)
	}
	return nil
}

// accuracy ends the peer's training and returns its share of right answers, 0 without a peer.
func (p *cropPeer) accuracy() (right float64, err error) {
	if p == nil {
		return 0, nil
	}
	if err := p.turns.Close(); err != nil {
		return 0, p.failed(err)
	}
	if _, err := fmt.Fscan(p.said, &right); err != nil {
		return 0, p.failed(err)
	}
	return right, nil
}

// failed says what the program said before it ended.
func (p *cropPeer) failed(err error) error {
	p.turns.Close()
	if how := p.child.Wait(); how != nil {
		err = how
	}
	return &ChildError{Command: p.child.Args, How: err, Said: p.errors.String()}
}

// close ends the program.
func (p *cropPeer) close() {
	if p == nil {
		return
	}
	p.turns.Close()
	p.child.Process.Kill()
	p.child.Wait()
	p.python.close()
}
