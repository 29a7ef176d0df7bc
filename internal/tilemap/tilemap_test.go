package tilemap

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/internal/badinput"
)

// drawnOf is a tileset of squares for glyphs.
func drawnOf(glyphs string) *Drawn {
	d := &Drawn{Name: "set", File: "set.png", Side: 2}
	for i, g := range []rune(glyphs) {
		img := image.NewNRGBA(image.Rect(0, 0, 2, 2))
		for p := range 4 {
			img.SetNRGBA(p%2, p/2, color.NRGBA{uint8(10 * i), uint8(p), 200, 255})
		}
		d.Tiles = append(d.Tiles, DrawnTile{Glyph: g, Name: "tile <" + string(g) + ">", Picture: img})
	}
	return d
}

// Every format holds every map.
func TestRoundTrips(t *testing.T) {
	const glyphs = "#.@>墙\"<&;,"
	drawn := drawnOf(glyphs)
	rapid.Check(t, func(t *rapid.T) {
		m := New(rapid.IntRange(1, 9).Draw(t, "width"), rapid.IntRange(1, 9).Draw(t, "height"), Void)
		for i := range m.Cells {
			m.Cells[i] = rapid.SampledFrom([]rune(glyphs+" ")).Draw(t, "cell")
		}
		m.Cells[len(m.Cells)-1] = '#' // a row ends where its last tile is
		same := func(name string, file []byte, err error) {
			if err != nil {
				t.Fatal(err)
			}
			got, err := Read(name, file, nil)
			if err != nil || got.Width != m.Width || got.Height != m.Height || !slices.Equal(got.Cells, m.Cells) {
				t.Fatalf("%s: %v\n%s\n%s", name, err, m.Text(), file)
			}
		}
		same("a.txt", m.Text(), nil)
		file, err := m.CSV()
		same("a.csv", file, err)
		file, err = m.TMX(drawn, Facts{{"moves", 3}, {"name", "a \"b\" & c"}})
		same("a.tmx", file, err)
	})
}

func TestTMJ(t *testing.T) {
	m, err := ReadText([]byte("#.#\n@ >\n"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := m.TMJ(drawnOf("#.@>"), Facts{{"moves", 3}})
	var read struct {
		Width, Height int
		Layers        []struct{ Data []int }
		Tilesets      []struct{ Tilecount, Columns, Imagewidth int }
	}
	if err != nil || json.Unmarshal(file, &read) != nil {
		t.Fatalf("%v: %s", err, file)
	}
	if want := []int{1, 2, 1, 3, 0, 4}; !slices.Equal(read.Layers[0].Data, want) || read.Width != 3 || read.Tilesets[0].Imagewidth != 16 {
		t.Errorf("%+v", read)
	}
	if _, err := m.TMJ(drawnOf("#."), nil); err == nil {
		t.Error("a tile without a number is written")
	}
}

// A map of Tiled: an external tileset, turned tiles, layers over one another, packed cells; written
// again with its own tileset.
const ofTiled = `<?xml version="1.0" encoding="UTF-8"?>
<map version="1.8" orientation="orthogonal" width="3" height="2" tilewidth="8" tileheight="8" infinite="0">
 <tileset firstgid="1" source="walls.tsx"/>
 <tileset firstgid="9" name="in &amp; out" tilewidth="8" tileheight="8" tilecount="2" columns="2">
  <image source="a.png" width="16" height="8"/>
  <tile id="1"><properties><property name="glyph" value="@"/></properties></tile>
 </tileset>
 <layer id="1" name="ground" width="3" height="2"><data encoding="csv">1,1,2,
1,3221225473,2
</data></layer>
 <layer id="2" name="things" width="3" height="2"><data encoding="base64" compression="zlib">PACKED</data></layer>
 <layer id="3" name="hidden" width="3" height="2" visible="0"><data encoding="csv">5,5,5,5,5,5</data></layer>
</map>`

// A tile that its tileset does not have is refused where it stands; a set of single pictures may count beyond its size.
func TestTilesBeyondTheSet(t *testing.T) {
	for cell, want := range map[byte]string{10: "", 12: "", 11: "row 1, column 2: tile 11, which its tileset does not have: that has 2, from 9 on"} {
		file := strings.Replace(ofTiled, "PACKED", packed(0, cell, 0, 0, 0, 0), 1)
		file = strings.Replace(file, `<tile id="1">`, `<tile id="3"/><tile id="1">`, 1)
		if _, err := ReadTMX([]byte(file), nil); (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("tile %d: %v, want %q", cell, err, want)
		}
	}
}

func packed(cells ...byte) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	for _, c := range cells {
		w.Write([]byte{c, 0, 0, 0})
	}
	w.Close()
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func TestForeignTMX(t *testing.T) {
	file := []byte(strings.Replace(ofTiled, "PACKED", packed(0, 10, 0, 0, 0, 0), 1))
	walls := []byte(`<tileset name="walls"><tile id="0"><properties><property name="glyph" value="#"/></properties></tile></tileset>`)
	m, err := ReadTMX(file, func(name string) ([]byte, error) {
		if name != "walls.tsx" {
			return nil, errors.New("not there")
		}
		return walls, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(m.Text()); got != "#@A\n##A\n" || m.CheckRead() != nil { // a turned wall is a wall
		t.Fatalf("%q", got)
	}
	again, err := m.TMX(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<tileset firstgid="1" source="walls.tsx"/>`, `name="in &amp; out"`, "1,10,2,\n1,1,2", `tilewidth="8"`} {
		if !bytes.Contains(again, []byte(want)) {
			t.Errorf("no %s in\n%s", want, again)
		}
	}
	if without, err := ReadTMX(file, nil); err != nil || string(without.Text()) != "A@B\nAAB\n" || !strings.Contains(without.CheckRead().Error(), "walls.tsx") {
		t.Errorf("%v: %s", err, without.Text())
	}
}

// However a tile is turned, and whichever of the tiles of a glyph it is, it is read as its glyph; what
// is turned everywhere stays so.
func TestTurned(t *testing.T) {
	const file = `<map orientation="orthogonal" width="4" height="2" tilewidth="8" tileheight="8"><tileset firstgid="1" name="a">
<tile id="0"><properties><property name="glyph" value="#"/></properties></tile><tile id="1"><properties><property name="glyph" value="."/></properties></tile>
<tile id="2"><properties><property name="glyph" value="#"/></properties></tile></tileset>
<layer width="4" height="2"><data encoding="csv">1,2147483649,3758096385,268435457,2147483650,3,2147483652,4</data></layer></map>`
	m, err := ReadTMX([]byte(file), nil)
	if err != nil || string(m.Text()) != "####\n.#AA\n" || m.CheckRead() != nil {
		t.Fatalf("%v: %v", err, m)
	}
	again, err := m.TMX(nil, nil)
	if err != nil || !bytes.Contains(again, []byte("1,1,1,1,\n2147483650,1,4,4")) {
		t.Errorf("%v: %s", err, again)
	}
}

func TestMistakes(t *testing.T) {
	good := strings.Replace(ofTiled, "PACKED", packed(0, 0, 0, 0, 0, 0), 1)
	for what, c := range map[string]struct{ name, file, want string }{
		"empty":       {"a.txt", "", "empty"},
		"binary":      {"a.txt", "\xff\xfe#", "not UTF-8"},
		"control":     {"a.txt", "##\n#\x07\n", "line 2 of the map has the control character U+0007"},
		"long":        {"a.txt", strings.Repeat("#", MostSide+1), "want at most"},
		"uneven":      {"a.csv", "#,#\n#\n", "line 2 has another number of cells"},
		"words":       {"a.csv", "#,wall\n", `row 1, column 2 has "wall"`},
		"html":        {"a.tmx", "<html></html>", "no TMX file"},
		"cut":         {"a.tmx", good[:400], "no TMX file"},
		"more behind": {"a.tmx", good + "<map/>", "no TMX file"},
		"isometric":   {"a.tmx", strings.Replace(good, "orthogonal", "isometric", 1), "want an orthogonal one"},
		"infinite":    {"a.tmx", strings.Replace(good, `infinite="0"`, `infinite="1"`, 1), "infinite"},
		"no layer":    {"a.tmx", `<map orientation="orthogonal" width="3" height="2" infinite="0"/>`, "no layer of tiles"},
		"hidden ones": {"a.tmx", `<map orientation="orthogonal" width="1" height="1"><layer width="1" height="1" visible="0"><data encoding="csv">5</data></layer></map>`, "every layer of the map is hidden"},
		"huge":        {"a.tmx", strings.Replace(good, `width="3" height="2"`, `width="100000" height="100000"`, 1), "want at most"},
		"few":         {"a.tmx", strings.Replace(good, "1,1,2,", "1,2,", 1), "has 5 cells; want 6"},
		"letters":     {"a.tmx", strings.Replace(good, "1,1,2,", "x,1,2,", 1), `cell 1 is "x"`},
		"unpacked":    {"a.tmx", strings.Replace(ofTiled, "PACKED", packed(0, 0), 1), "want 24"},
		"zstd":        {"a.tmx", strings.Replace(good, `"zlib"`, `"zstd"`, 1), "compressed by zstd"},
		"a bomb":      {"a.tmx", strings.Replace(ofTiled, "PACKED", packed(make([]byte, 1<<20)...), 1), "or more"},
	} {
		_, err := Read(c.name, []byte(c.file), nil)
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v; want %q", what, err, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("a.tmx", []byte(strings.Replace(ofTiled, "PACKED", packed(0, 1, 2, 0, 0, 0), 1)))
	f.Add("a.csv", []byte("#,.\n,@\n"))
	f.Add("a.txt", []byte("##\n@>\n"))
	f.Fuzz(func(t *testing.T, name string, file []byte) {
		m, err := Read(name, file, nil)
		if err != nil {
			return
		}
		if len(m.Cells) != m.Width*m.Height || len(m.Cells) == 0 {
			t.Fatalf("%d cells of %d×%d", len(m.Cells), m.Width, m.Height)
		}
		if m.Own != nil {
			if again, err := m.TMX(nil, nil); err == nil {
				if _, err := ReadTMX(again, nil); err != nil && len(m.Own.elements) == 0 {
					t.Fatalf("what was written cannot be read: %v", err)
				}
			}
		}
	})
}

func TestParts(t *testing.T) {
	m, _ := ReadText([]byte("ab\ncd\n"))
	if got := string(m.Part(1, -1, 2, 3).Text()); got != "  \nb \nd \n" {
		t.Errorf("%q", got)
	}
	if got := string(m.Mirrored().Text()); got != "ba\ndc\n" || string(m.Glyphs()) != "abcd" {
		t.Errorf("%q", got)
	}
}
