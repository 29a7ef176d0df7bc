package app

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"

	"atelier/data"
	"atelier/internal/tilemap"
)

// mapTypes are the media types of levels by format.
var mapTypes = map[string]string{
	formatTMX: "application/x-tmx+xml", formatTMJ: "application/json", formatCSV: "text/csv", formatText: tilemap.MediaType, formatPNG: "image/png",
}

// emitTiles emits the picture of a tileset.
func (e *Env) emitTiles(a App, by *Maker, tiles *tilemap.Drawn) error {
	var b bytes.Buffer
	if err := png.Encode(&b, tiles.Sheet()); err != nil {
		return err
	}
	return e.emit(a, by, data.Item{Name: tiles.File, MediaType: "image/png", Bytes: b.Bytes()}, nil)
}

// emit emits a level, and says how long its way is.
func (a Level) emit(env *Env, by *Maker, made *finishedLevel, tiles *tilemap.Drawn, name string) error {
	facts := tilemap.Facts{{Name: "keys", Value: made.Keys}, {Name: "moves", Value: made.Moves()}, {Name: "seed", Value: fmt.Sprint(a.Seed)}}
	var file []byte
	var err error
	switch a.Format {
	case formatTMX:
		file, err = made.TMX(tiles, facts)
	case formatTMJ:
		file, err = made.TMJ(tiles, facts)
	case formatCSV:
		file, err = made.CSV()
	case formatText:
		file = made.Text()
	case formatPNG:
		file, err = drawnLevel(made, tiles, a.Way)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	told := fmt.Sprintf("%s: %d×%d tiles, the way is %s", name, made.Width, made.Height, Counted(made.Moves(), "move"))
	if made.Keys > 0 {
		told += " with " + Counted(made.Keys, "key")
	}
	if made.repaired > 0 {
		told += fmt.Sprintf("; %s changed so that it can be finished", Counted(made.repaired, "tile"))
	}
	if made.tries > 1 {
		told += fmt.Sprintf("; of %d candidates", made.tries)
	}
	env.say("%s", told)
	return env.emit(a, by, data.Item{Name: name, MediaType: mapTypes[a.Format], Bytes: file}, []uint64{a.Seed})
}

// wayInk is the colour of the way on a picture of a level.
var wayInk = color.NRGBA{255, 255, 255, 255}

// drawnLevel draws a level, and the way as dots if it is asked for.
func drawnLevel(made *finishedLevel, tiles *tilemap.Drawn, way bool) ([]byte, error) {
	img := tiles.Draw(made.Map)
	for _, cell := range made.Path[min(1, len(made.Path)):max(1, len(made.Path)-1)] {
		if !way {
			break
		}
		x, y := (cell%made.Width)*tiles.Side+tiles.Side/2, (cell/made.Width)*tiles.Side+tiles.Side/2
		for dy := -2; dy <= 2; dy++ {
			for dx := -2; dx <= 2; dx++ {
				ink := wayInk
				if max(dx, -dx, dy, -dy) == 2 {
					ink = color.NRGBA{40, 30, 40, 255}
				}
				img.SetNRGBA(x+dx, y+dy, ink)
			}
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}
