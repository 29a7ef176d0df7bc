package bench

import (
	"context"
	"embed"
	"fmt"
	"image"
	"io/fs"
	"iter"
	"os"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/picture"
	"atelier/internal/registry"
)

func init() { addData("near-pictures", nearPictures) }

//go:embed photos
var photoFiles embed.FS

// nearPictures measures how well copies of pictures are found. Each copy is looked up among the
// originals of its set.
func nearPictures(ctx context.Context, _ *Machine, part share, emit func(Row)) error {
	for _, set := range []struct {
		name string
		load func(context.Context) ([]*image.NRGBA, error)
	}{
		{"photos and parts of them", photos},
		{"emoji", func(ctx context.Context) ([]*image.NRGBA, error) { return starterPictures(ctx, "emoji", 500) }},
		{"fashion", func(ctx context.Context) ([]*image.NRGBA, error) { return starterPictures(ctx, "fashion", 1000) }},
	} {
		originals, err := set.load(ctx)
		if err != nil {
			return err
		}
		if err := lookUpCopies(ctx, set.name, originals[:part.of(len(originals))], emit); err != nil {
			return fmt.Errorf("%s: %w", set.name, err)
		}
	}
	return nil
}

// photos returns the photos of this suite and their parts of 128 × 96 pixels.
func photos(context.Context) (all []*image.NRGBA, err error) {
	names, err := fs.Glob(photoFiles, "photos/*.jpg")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		b, err := photoFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		img, err := decoded(b)
		if err != nil {
			return nil, err
		}
		all = append(all, img)
		for y := 0; y+96 <= img.Rect.Dy(); y += 96 {
			for x := 0; x+128 <= img.Rect.Dx(); x += 128 {
				all = append(all, part(img, image.Rect(x, y, x+128, y+96)))
			}
		}
	}
	return all, nil
}

// starterPictures returns the first pictures of an embedded set.
func starterPictures(ctx context.Context, name string, most int) (all []*image.NRGBA, err error) {
	for it, err := range starterItems(ctx, name) {
		if err != nil {
			return nil, err
		}
		img, err := decoded(it.Bytes)
		if err != nil {
			return nil, err
		}
		if all = append(all, img); len(all) == most {
			break
		}
	}
	return all, nil
}

// starterItems are the training pictures of an embedded set.
func starterItems(ctx context.Context, name string) iter.Seq2[data.Item, error] {
	s, err := registry.Make[data.Source]("starter", "name="+name)
	if err != nil {
		return func(yield func(data.Item, error) bool) { yield(data.Item{}, err) }
	}
	return s.Value.Items(ctx, data.Train)
}

func decoded(b []byte) (*image.NRGBA, error) {
	file, err := picture.Open(b)
	if err != nil {
		return nil, err
	}
	img, err := file.Decode()
	if err != nil {
		return nil, err
	}
	return picture.NRGBA(img), nil
}

// An index finds the originals that share a band.
type index struct {
	cleaner    data.Hasty
	bands      map[uint64][]int
	signatures [][]byte
	shared     int // pairs that share a band
	compared   int // of these, pairs that their briefs do not rule out
}

func (x *index) sketch(it data.Item) (data.Sketch, error) {
	s, ok, err := x.cleaner.Sketch(&data.Piece{Item: it})
	if err == nil && !ok {
		err = fmt.Errorf("%s is not taken for a picture", it.MediaType)
	}
	return s, err
}

func (x *index) add(s data.Sketch) {
	for _, band := range s.Bands {
		x.bands[band] = append(x.bands[band], len(x.signatures))
	}
	x.signatures = append(x.signatures, s.Signature)
}

// alike returns the pictures that the sketch is considered a copy of.
func (x *index) alike(s data.Sketch) map[int]bool {
	seen := map[int]bool{}
	for _, band := range s.Bands {
		for _, at := range x.bands[band] {
			if _, ok := seen[at]; ok {
				continue
			}
			x.shared++
			if x.cleaner.Unlike((*data.Brief)(x.signatures[at]), (*data.Brief)(s.Signature)) {
				seen[at] = false
				continue
			}
			seen[at] = x.cleaner.Alike(x.signatures[at], s.Signature)
			x.compared++
		}
	}
	for at, alike := range seen {
		if !alike {
			delete(seen, at)
		}
	}
	return seen
}

// lookUpCopies makes the copies of a set and looks them up.
func lookUpCopies(ctx context.Context, name string, originals []*image.NRGBA, emit func(Row)) error {
	cleaner, err := data.Cleaners.New("near-pictures")
	if err != nil {
		return err
	}
	x := &index{cleaner: cleaner.(data.Hasty), bands: map[uint64][]int{}}
	own := 0 // pairs of originals considered copies
	for _, img := range originals {
		it, err := asPNG(img)
		if err != nil {
			return err
		}
		s, err := x.sketch(it)
		if err != nil {
			return err
		}
		own += len(x.alike(s))
		x.add(s)
	}
	emit(Row{Name: name + ": pairs that share a band, for each original", Value: float64(x.shared) / float64(len(originals)), Unit: "pairs", Holds: true, N: len(originals)})
	emit(Row{Name: name + ": comparisons for each original", Value: float64(x.compared) / float64(len(originals)), Unit: "pairs", Holds: true, N: len(originals)})
	found, right, wrong := 0, 0, 0
	for kind, copier := range copiers {
		found = 0
		for i, img := range originals {
			if err := ctx.Err(); err != nil {
				return err
			}
			it, err := copier.make(img, noise.Stream(uint64(kind), uint64(i)))
			if err != nil {
				return err
			}
			s, err := x.sketch(it)
			if err != nil {
				return err
			}
			hits := x.alike(s)
			if hits[i] {
				found++
				wrong--
			}
			wrong += len(hits)
		}
		right += found
		emit(Row{Name: name + ": recall of " + copier.name, Value: float64(found) / float64(len(originals)), Holds: true, N: len(originals)})
	}
	emit(shareRow(name+": recall", right, len(originals)*len(copiers), 0.95))
	emit(shareRow(name+": precision", right, right+wrong, 0.99))
	emit(Row{Name: name + ": originals taken for copies of another", Value: float64(own), Unit: "pairs", Holds: true, N: len(originals)})
	return nil
}

// shareRow is a share of a total, with a lower limit.
func shareRow(name string, part, all int, bar float64) Row {
	share := float64(part) / float64(max(all, 1))
	return Row{Name: name, Value: share, Bar: fmt.Sprintf(">= %g", bar), Holds: share >= bar, N: all}
}

// readPicture decodes a picture file.
func readPicture(name string) (*image.NRGBA, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return decoded(b)
}
