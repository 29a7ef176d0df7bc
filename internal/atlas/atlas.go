package atlas

import (
	"bytes"
	"encoding/json"
	"image"
	"strings"
)

// A Frame is one picture of a sheet.
type Frame struct {
	Name string
	// Place is where it lies in the sheet, Within the same part in the whole picture, of size Whole:
	// the rest of that is transparent.
	Place, Within image.Rectangle
	Whole         image.Point
}

// An Animation is the names of its frames in order.
type Animation struct {
	Name   string
	Frames []string
}

type rectangle struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

func rectangleOf(r image.Rectangle) rectangle { return rectangle{r.Min.X, r.Min.Y, r.Dx(), r.Dy()} }

type size struct {
	W int `json:"w"`
	H int `json:"h"`
}

type frameJSON struct {
	Frame            rectangle `json:"frame"`
	Rotated          bool      `json:"rotated"`
	Trimmed          bool      `json:"trimmed"`
	SpriteSourceSize rectangle `json:"spriteSourceSize"`
	SourceSize       size      `json:"sourceSize"`
}

// JSON writes the atlas in the hash format of TexturePacker, which Phaser and PixiJS load as it is:
// PixiJS takes the animations as well.
func JSON(frames []Frame, animations []Animation, sheet string, of image.Point) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("{\"frames\": {\n")
	for i, f := range frames {
		if err := entry(&b, f.Name, frameJSON{
			rectangleOf(f.Place), false, f.Within.Size() != f.Whole, rectangleOf(f.Within), size{f.Whole.X, f.Whole.Y},
		}, i == len(frames)-1); err != nil {
			return nil, err
		}
	}
	b.WriteString("},\n")
	if len(animations) > 0 {
		b.WriteString("\"animations\": {\n")
		for i, a := range animations {
			if err := entry(&b, a.Name, a.Frames, i == len(animations)-1); err != nil {
				return nil, err
			}
		}
		b.WriteString("},\n")
	}
	meta, err := json.Marshal(struct {
		App     string `json:"app"`
		Version string `json:"version"`
		Image   string `json:"image"`
		Format  string `json:"format"`
		Size    size   `json:"size"`
		Scale   string `json:"scale"`
	}{"atelier", "1.0", sheet, "RGBA8888", size{of.X, of.Y}, "1"})
	b.WriteString("\"meta\": " + string(meta) + "\n}\n")
	return b.Bytes(), err
}

// entry writes a name with its value on a line.
func entry(b *bytes.Buffer, name string, value any, last bool) error {
	key, err := json.Marshal(name)
	if err != nil {
		return err
	}
	text, err := json.Marshal(value)
	b.WriteString("\t" + string(key) + ": " + string(text))
	if !last {
		b.WriteByte(',')
	}
	b.WriteByte('\n')
	return err
}

// Animations groups frames by their names: those that differ in a number at the end alone, as walk_01
// and walk_02, are an animation, if there are several.
func Animations(names []string) (all []Animation) {
	at := map[string]int{}
	for _, name := range names {
		stem := strings.TrimRight(strings.TrimRight(name, "0123456789"), "_- .")
		if stem == name || stem == "" {
			continue
		}
		i, ok := at[stem]
		if !ok {
			i = len(all)
			at[stem] = i
			all = append(all, Animation{Name: stem})
		}
		all[i].Frames = append(all[i].Frames, name)
	}
	var several []Animation
	for _, a := range all {
		if len(a.Frames) > 1 {
			several = append(several, a)
		}
	}
	return several
}
