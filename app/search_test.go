package app

import (
	"errors"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/music"
	"atelier/internal/picture"
	"atelier/internal/provenance"
	"atelier/model/run"
)

// shades are one-coloured pictures with captions.
var shades = map[string]struct {
	colour  color.NRGBA
	caption string
}{
	"red":   {color.NRGBA{220, 30, 30, 255}, "a red square\n红色方块"},
	"ruby":  {color.NRGBA{200, 20, 40, 255}, "a ruby"},
	"blue":  {color.NRGBA{30, 60, 220, 255}, "a blue square\n蓝色方块"},
	"green": {color.NRGBA{40, 180, 60, 255}, "a green square\n绿色方块"},
}

// shaded writes pictures of these shades with their captions into a folder.
func shaded(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		f := fileOf(t, name+".png", picture.PNG, filledWith(shades[name].colour, image.Pt(16, 16)))
		for ext, content := range map[string][]byte{".png": f.Bytes, ".txt": []byte(shades[name].caption)} {
			if err := os.WriteFile(filepath.Join(dir, name+ext), content, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// searching is an environment whose studio keeps indices in a folder of its own.
func searching(t *testing.T, out Out) (env *Env, items *[]data.Item, found *any) {
	t.Helper()
	studio, err := runsOf()
	if err != nil {
		t.Fatal(err)
	}
	env, items, _ = onePicture(out)
	env.Studio = &run.Studio{Runs: studio.Runs, Backend: studio.Backend, Program: "test", Engine: "cpu", Cache: t.TempDir()}
	found = new(any)
	env.Found = func(v any) { *found = v }
	return env, items, found
}

// namesOfFound are those of the works that were found.
func namesOfFound(found any) (all []string) {
	for _, h := range found.(*Searched).Hits {
		all = append(all, strings.TrimSuffix(h.Name, ".png"))
	}
	return all
}

// TestSearchByLooks finds pictures of a like colour, embeds only what is new, and needs no file twice.
func TestSearchByLooks(t *testing.T) {
	dir := t.TempDir()
	shaded(t, dir, "red", "blue", "green")
	env, items, found := searching(t, Out{Unasked: true})
	a := New[*Search]()
	a.In, a.By, a.N = Set(dir), byLooks, 2
	a.Like = fileOf(t, "like.png", picture.PNG, filledWith(color.NRGBA{210, 40, 30, 255}, image.Pt(20, 20)))
	search := func(wantAdded, wantWorks int, want ...string) {
		t.Helper()
		if err := Run(t.Context(), a, env); err != nil {
			t.Fatal(err)
		}
		s := (*found).(*Searched)
		if s.Added != wantAdded || s.Works != wantWorks || !slices.Equal(namesOfFound(s), want) || !strings.HasPrefix(s.Space, "random@") {
			t.Errorf("%+v; want %d added of %d: %v", s, wantAdded, wantWorks, want)
		}
	}
	search(3, 3, "red", "green")
	search(0, 3, "red", "green")
	shaded(t, dir, "ruby")
	search(1, 4, "red", "ruby")
	if err := os.Remove(filepath.Join(dir, "red.png")); err != nil {
		t.Fatal(err)
	}
	search(0, 3, "ruby", "green")
	if len(*items) > 0 {
		t.Error("a sheet was made that nobody asked for")
	}
	kept, err := filepath.Glob(filepath.Join(env.Studio.Cache, "search", "*"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("%v, %v", kept, err)
	}
	if err := os.WriteFile(kept[0], []byte("damaged"), 0o666); err != nil {
		t.Fatal(err)
	}
	search(3, 3, "ruby", "green")
}

// TestSearchSheet shows what was found, which is made again from its label if that names a dataset,
// and no place.
func TestSearchSheet(t *testing.T) {
	dir := t.TempDir()
	shaded(t, dir, "red", "blue")
	for _, in := range []string{dir, "emoji"} {
		env, items, _ := searching(t, Out{})
		a := New[*Search]()
		a.In, a.By, a.N, a.Like = Set(in), byLooks, 2, fileOf(t, "like.png", picture.PNG, filledWith(shades["blue"].colour, image.Pt(9, 9)))
		if err := Run(t.Context(), a, env); err != nil {
			t.Fatal(err)
		}
		img := pixelsOf(t, (*items)[0].Bytes)
		if first := img.NRGBAAt(12+8, 12+19+12+8); in == dir && first != shades["blue"].colour {
			t.Errorf("the first picture is %v, want %v", first, shades["blue"].colour)
		}
		label, err := provenance.Read((*items)[0].Bytes)
		if err != nil {
			t.Fatal(err)
		}
		said, parents := label.Settings["in"], filepath.Dir(dir)
		if in == dir && (strings.Contains(said, parents) || !strings.HasPrefix(said, "…/"+filepath.Base(dir)+"#")) || in != dir && said != in {
			t.Errorf("the label of a search in %s names %s", in, said)
		}
		again, err := Reproduce(t.Context(), env, File{Name: "x.png", Bytes: (*items)[0].Bytes}, nil, givenBy(a))
		if in == dir {
			if err == nil || !strings.Contains(err.Error(), "places of labels are not opened") {
				t.Errorf("got %v", err)
			}
		} else if err != nil || !again.Same {
			t.Errorf("not the same: %v", err)
		}
	}
}

// TestSetsInLabels keeps names, and of places neither folders nor keys.
func TestSetsInLabels(t *testing.T) {
	for in, want := range map[Set]string{
		"emoji":                            "^emoji$",
		"faces@2":                          "^faces@2$",
		"/home/ann/private/photos":         "^…/photos#[0-9a-f]{8}$",
		`C:\Users\ann\photos`:              "^…/place#[0-9a-f]{8}$",
		`..\ann\photos`:                    "^…/photos#[0-9a-f]{8}$",
		"https://ann:key@host/a?token=abc": "^…/place#[0-9a-f]{8}$",
	} {
		got := in.inLabel()
		if !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
		if err := Set(got).named(); (err != nil) != in.isPlace() {
			t.Errorf("%s: the label's %s: %v", in, got, err)
		}
	}
	if Set("a/photos").inLabel() == Set("b/photos").inLabel() {
		t.Error("two folders of one name are the same")
	}
}

// TestSearchByPair embeds words in English and Chinese, and names those that it does not know.
func TestSearchByPair(t *testing.T) {
	dir := t.TempDir()
	shaded(t, dir, "red", "blue", "green")
	env, _, found := searching(t, Out{Unasked: true})
	for _, text := range []string{"crimson", "猩红的"} {
		a := New[*Search]()
		a.In, a.Text = Set(dir), text
		if err := Run(t.Context(), a, env); err != nil {
			t.Fatal(err)
		}
		if s := (*found).(*Searched); len(s.Hits) != 3 || !strings.HasPrefix(s.Space, "pair@") || s.Hits[0].Score < s.Hits[2].Score {
			t.Errorf("%+v", s)
		}
	}
}

// TestSearchChoosesWords where a caption has all of them.
func TestSearchChoosesWords(t *testing.T) {
	dir := t.TempDir()
	shaded(t, dir, "red", "blue", "green")
	env, _, found := searching(t, Out{Unasked: true})
	a := New[*Search]()
	a.In, a.Text = Set(dir), "blue square"
	if err := Run(t.Context(), a, env); err != nil {
		t.Fatal(err)
	}
	if s := (*found).(*Searched); s.Space != byLetter || namesOfFound(s)[0] != "blue" {
		t.Errorf("%+v", s)
	}
	a.By = byPair
	if err := Run(t.Context(), a, env); err != nil {
		t.Fatal(err)
	}
	if s := (*found).(*Searched); !strings.HasPrefix(s.Space, "pair@") || s.Added != 0 {
		t.Errorf("%+v", s)
	}
}

// TestSearchByWords finds works of any kind by what is said of them.
func TestSearchByWords(t *testing.T) {
	env, _, found := searching(t, Out{Unasked: true})
	a := New[*Search]()
	a.In, a.Text, a.N = "grooves", "slow blues", 1
	if err := Run(t.Context(), a, env); err != nil {
		t.Fatal(err)
	}
	if got := (*found).(*Searched); len(got.Hits) != 1 || !strings.Contains(got.Hits[0].Name, "blues-slow") || got.Space != byLetter {
		t.Errorf("%+v", got)
	}
	dir := t.TempDir()
	shaded(t, dir, "red", "blue", "green")
	a.In, a.Text, a.By = Set(dir), "蓝色的方块", byLetter
	if err := Run(t.Context(), a, env); err != nil || !slices.Equal(namesOfFound(*found), []string{"blue"}) {
		t.Errorf("%v, %v", *found, err)
	}
}

func TestSearchErrors(t *testing.T) {
	dir := t.TempDir()
	shaded(t, dir, "red")
	like := fileOf(t, "like.png", picture.PNG, filledWith(shades["red"].colour, image.Pt(9, 9)))
	for want, change := range map[string]func(*Search){
		"want the dataset":                  func(a *Search) { a.In = "" },
		"either words or a picture":         func(a *Search) { a.Text = "" },
		"either words or a picture to look": func(a *Search) { a.Like = like },
		"random compares pictures":          func(a *Search) { a.By = byLooks },
		"words compares words":              func(a *Search) { a.Text, a.Like, a.By = "", like, byLetter },
		"want at most 2000":                 func(a *Search) { a.Text = strings.Repeat("a", 2001) },
		"applies to a search by a pair":     func(a *Search) { a.From, a.By = "clothes", byLetter },
		"which does not embed":              func(a *Search) { a.From = "clothes" },
		"has no pictures":                   func(a *Search) { a.In, a.Text, a.Like = "grooves", "", like },
		"has a word of":                     func(a *Search) { a.Text, a.By = "zebra", byLetter },
		"no word of \"zzzz qqq\" is known":  func(a *Search) { a.Text = "zzzz qqq" },
		"no word of \"!!! -\" is known":     func(a *Search) { a.Text = "!!! -" },
		"not on this machine yet":           func(a *Search) { a.In = "mnist" },
		"no file or folder":                 func(a *Search) { a.In = Set(filepath.Join(dir, "none")) },
	} {
		env, _, _ := searching(t, Out{Unasked: true})
		a := New[*Search]()
		a.In, a.Text = Set(dir), "red"
		change(a)
		err := Run(t.Context(), a, env)
		if err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, badinput.Err) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestSearchOfMusic finds pieces by what is heard of them, in wider words than those of the caption and in
// Chinese.
func TestSearchOfMusic(t *testing.T) {
	dir := t.TempDir()
	for name, header := range map[string]string{
		"one":   "M:3/4\nL:1/4\nQ:1/4=60\nK:Dm\n%%MIDI program 40\n", // slow, violin
		"two":   "M:4/4\nL:1/4\nQ:1/4=150\nK:G\n%%MIDI program 66\n", // fast, tenor sax
		"three": "M:4/4\nL:1/4\nQ:1/4=100\nK:Gm\n%%MIDI program 0\n", // moderate, piano
	} {
		s, err := music.Read([]byte("X:1\n" + header + "DEF|GAB|\n"))
		if err != nil {
			t.Fatal(err)
		}
		file, _, err := s.Write(music.MIDI)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".mid"), file, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string][]string{
		"saxophone": {"two.mid"}, "in G": {"two.mid", "three.mid"}, "in G minor": {"three.mid"}, "G major": {"two.mid"}, "慢的小提琴": {"one.mid"}, "萨克斯": {"two.mid"},
		"G小调": {"three.mid"}, "快": {"two.mid"}, "三拍的圆舞曲": {"one.mid"}, "adagio": {"one.mid"}, "钢琴": {"three.mid"}, "fast saxophone in G": {"two.mid"},
	} {
		env, _, found := searching(t, Out{Unasked: true})
		a := New[*Search]()
		a.In, a.Text, a.N = Set(dir), text, len(want)
		if err := Run(t.Context(), a, env); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := namesOfFound(*found)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: found %v, want %v", text, got, want)
		}
	}
}
