package levels

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/internal/noise"
	"atelier/internal/tilemap"
)

func rulesOf(t testing.TB, theme string) *Rules {
	t.Helper()
	r, err := RulesOf(theme)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The maps that come with the program are 20 of each theme, different, of one size, of the tiles of
// the rules, and can be finished with all keys that lie in them.
func TestOwnMaps(t *testing.T) {
	seen := map[string]string{}
	for _, theme := range Themes[:3] {
		r := rulesOf(t, theme)
		all, err := Own(theme)
		if err != nil || len(all) != 20 {
			t.Fatalf("%s: %d maps, %v", theme, len(all), err)
		}
		for _, m := range all {
			if err := r.Read(m.Map); err != nil || m.Width != 24 || m.Height != 16 {
				t.Errorf("%s: %d×%d, %v", m.Name, m.Width, m.Height, err)
			}
			if s := r.Solve(m.Map); s == nil || s.Moves() < 19 {
				t.Errorf("%s cannot be finished, or at once", m.Name)
			}
			if other := seen[string(m.Cells)]; other != "" {
				t.Errorf("%s is %s", m.Name, other)
			}
			seen[string(m.Cells)] = m.Name
		}
	}
	if _, err := Own("crawl"); err == nil {
		t.Error("there are maps of crawl")
	}
	if _, err := RulesOf("dungoen"); err == nil || !strings.Contains(err.Error(), `did you mean "dungeon"?`) {
		t.Error(err)
	}
}

// Every look is in the picture file, and the other way round.
func TestLooks(t *testing.T) {
	for _, name := range Looks() {
		if rows := looks()[name]; len(rows) != TileSide || slices.ContainsFunc(rows, func(row string) bool { return len(row) != TileSide }) {
			t.Errorf("%s has no %d rows of %d", name, TileSide, TileSide)
		}
	}
	if len(looks()) != len(Looks()) || !slices.IsSorted(Looks()) {
		t.Errorf("%d pictures, %d names", len(looks()), len(Looks()))
	}
	set := rulesOf(t, "dungeon").Tileset("dungeon", "tiles.png")
	if len(set.Tiles) != 12 || set.Sheet().Rect.Dx() != 128 || set.Sheet().Rect.Dy() != 32 {
		t.Errorf("%d tiles, %v", len(set.Tiles), set.Sheet().Rect)
	}
}

// spot is a state of the plain search below.
type spot struct {
	x, y, rise int
	keys       string
}

// plainly searches as the rules are told in words, with maps and without any of the solver's parts.
func plainly(m *tilemap.Map, platform bool, jump int) bool {
	at := func(x, y int) rune {
		if x < 0 || y < 0 || x >= m.Width || y >= m.Height {
			return '?'
		}
		return m.At(x, y)
	}
	enters := func(x, y int, keys string) bool {
		switch g := at(x, y); g {
		case '?', '#', '~', '^', ' ':
			return false
		case 'A', 'B':
			return strings.ContainsRune(keys, g+'a'-'A')
		}
		return true
	}
	stands := func(x, y int) bool {
		return at(x, y) == 'H' || strings.ContainsRune("#=H", at(x, y+1))
	}
	first := slices.Index(m.Cells, '@')
	seen := map[spot]bool{}
	todo := []spot{{first % m.Width, first / m.Width, 0, ""}}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if g := at(s.x, s.y); (g == 'a' || g == 'b') && !strings.ContainsRune(s.keys, g) {
			letters := []rune(s.keys + string(g))
			slices.Sort(letters)
			s.keys = string(letters)
		}
		if seen[s] {
			continue
		}
		seen[s] = true
		if at(s.x, s.y) == '>' {
			return true
		}
		add := func(x, y, rise int) {
			if enters(x, y, s.keys) {
				todo = append(todo, spot{x, y, rise, s.keys})
			}
		}
		if !platform {
			add(s.x+1, s.y, 0)
			add(s.x-1, s.y, 0)
			add(s.x, s.y+1, 0)
			add(s.x, s.y-1, 0)
			continue
		}
		rise := s.rise
		if stands(s.x, s.y) {
			rise = jump
			add(s.x+1, s.y, 0)
			add(s.x-1, s.y, 0)
			if at(s.x, s.y) == 'H' {
				add(s.x, s.y-1, 0)
			}
			if at(s.x, s.y+1) == 'H' {
				add(s.x, s.y+1, 0)
			}
		}
		for dx := -1; dx <= 1; dx++ {
			if rise > 0 && enters(s.x, s.y-1, s.keys) {
				add(s.x+dx, s.y-1, rise-1)
			}
			if enters(s.x+dx, s.y, s.keys) && at(s.x+dx, s.y+1) != '=' {
				add(s.x+dx, s.y+1, 0)
			}
		}
	}
	return false
}

// The solver agrees with a plain search on small maps of all tiles.
func TestSolve(t *testing.T) {
	for theme, tiles := range map[string]string{"dungeon": "....####~AaBb@>+", "platform": "......###=HH^Aa@>"} {
		r := rulesOf(t, theme)
		finished, all := 0, 0
		rapid.Check(t, func(t *rapid.T) {
			m := tilemap.New(rapid.IntRange(2, 7).Draw(t, "width"), rapid.IntRange(2, 6).Draw(t, "height"), '.')
			for i := range m.Cells {
				m.Cells[i] = rapid.SampledFrom([]rune(tiles)).Draw(t, "cell")
			}
			m = r.single(m, noise.Stream(1))
			if m == nil {
				return
			}
			s := r.Solve(m)
			if want := plainly(m, r.Move == Platform, r.Jump); (s != nil) != want {
				t.Fatalf("it can be finished: %v\n%s", want, m.Text())
			}
			if all++; s != nil {
				finished++
				checkPath(t, r, m, s)
			}
		})
		if finished == 0 || finished == all {
			t.Errorf("%s: %d of %d can be finished", theme, finished, all)
		}
	}
}

// checkPath: a path goes from the start to the goal by steps to cells beside one another.
func checkPath(t *rapid.T, r *Rules, m *tilemap.Map, s *Solution) {
	if m.Cells[s.Path[0]] != r.start() || m.Cells[s.Path[len(s.Path)-1]] != r.goal() {
		t.Fatalf("the path %v goes elsewhere\n%s", s.Path, m.Text())
	}
	for i, cell := range s.Path[1:] {
		dx, dy := cell%m.Width-s.Path[i]%m.Width, cell/m.Width-s.Path[i]/m.Width
		if max(dx, -dx) > 1 || max(dy, -dy) > 1 || !r.tiles[m.Cells[cell]].free(255) {
			t.Fatalf("the path %v leaps\n%s", s.Path, m.Text())
		}
	}
}

// The shortest ways of small levels, counted by hand.
func TestMoves(t *testing.T) {
	for _, c := range []struct {
		theme, drawn string
		moves, keys  int // -1 if it cannot be finished
	}{
		{"dungeon", "@..>", 3, 0},
		{"dungeon", "@A>", -1, 0},
		{"dungeon", "a.@A>", 6, 1},
		{"dungeon", "aB@A>", -1, 0},
		{"dungeon", "b@a\n##A\n>.B", 7, 2},
		{"dungeon", "@~>", -1, 0},
		{"dungeon", "@@>", -1, 0},
		{"platform", "...\n@.>\n###", 2, 0},
		{"platform", "......\n......\n@....>\n#...##", 5, 0}, // a jump two high is four wide
		{"platform", ".......\n.......\n@.....>\n#....##", -1, 0},
		{"platform", "...>\n...#\n@..#\n####", 3, 0},
		{"platform", "...>\n...#\n...#\n@..#\n####", -1, 0},
		{"platform", "...>\n..H#\n..H#\n@.H#\n####", 3, 0},
		{"platform", ".>.\n===\n@..\n###", 2, 0}, // through a ledge from below
		{"platform", ".@.\n===\n...\n>..\n###", -1, 0},
		{"platform", "@.^>\n####", -1, 0},
	} {
		m, err := tilemap.ReadText([]byte(c.drawn))
		if err != nil {
			t.Fatal(err)
		}
		s := rulesOf(t, c.theme).Solve(m)
		if got := s != nil; got != (c.moves >= 0) {
			t.Errorf("finished: %v\n%s", got, c.drawn)
		} else if s != nil && (s.Moves() != c.moves || s.Keys != c.keys) {
			t.Errorf("%d moves, %d keys; want %d, %d\n%s", s.Moves(), s.Keys, c.moves, c.keys, c.drawn)
		}
	}
}

// Random noise is repaired to levels that can be finished; what can be finished stays as it is.
func TestRepair(t *testing.T) {
	for theme, tiles := range map[string]string{"dungeon": "...###~AaBb+$M", "garden": "..::TT~~=o*Aa", "platform": ".....##=H^oAa"} {
		r := rulesOf(t, theme)
		failed := 0
		const n = 200
		for seed := range uint64(n) {
			rng := noise.Stream(seed)
			m := tilemap.New(20, 12, '.')
			for i := range m.Cells {
				m.Cells[i] = []rune(tiles)[rng.IntN(len(tiles))]
			}
			m.Cells[rng.IntN(len(m.Cells))], m.Cells[rng.IntN(len(m.Cells))] = r.start(), r.goal()
			made, changed := r.Repair(m, rng)
			if made == nil {
				failed++
				continue
			}
			if r.Solve(made) == nil || changed != changes(m, made) {
				t.Fatalf("%s %d is not repaired\n%s", theme, seed, made.Text())
			}
			if again, more := r.Repair(made, rng); more != 0 || !slices.Equal(again.Cells, made.Cells) {
				t.Fatalf("%s %d: what can be finished is changed", theme, seed)
			}
		}
		if failed > n/20 {
			t.Errorf("%s: %d of %d could not be repaired", theme, failed, n)
		}
	}
}

// Placing makes levels that can be finished, the longer the way the harder.
func TestPlace(t *testing.T) {
	for _, theme := range Themes[:3] {
		r := rulesOf(t, theme)
		all, _ := Own(theme)
		for i, m := range all {
			last := -1
			for _, how := range []string{"easy", "medium", "hard"} {
				made := r.Place(m.Map, Difficulties[how], noise.Stream(uint64(i)))
				s := r.Solve(made)
				if s == nil {
					t.Fatalf("%s %s cannot be finished\n%s", m.Name, how, made.Text())
				}
				if s.Moves() < last {
					t.Errorf("%s: %s has %d moves, and what is easier %d", m.Name, how, s.Moves(), last)
				}
				last = s.Moves()
			}
		}
		if r.Place(tilemap.New(5, 5, '#'), 1, noise.Stream(1)) != nil && theme == "dungeon" {
			t.Error("a place was found in a wall")
		}
	}
}

// Join connects rooms.
func TestJoin(t *testing.T) {
	r := rulesOf(t, "dungeon")
	m, _ := tilemap.ReadText([]byte("###########\n#...##....#\n#...##....#\n#...##....#\n###########\n"))
	if n := r.Join(m, noise.Stream(1)); n != 2 {
		t.Errorf("%d cells changed\n%s", n, m.Text())
	}
	if w := r.explore(m, m.Width+1); len(w.queue) != 3*3+3*4+2 {
		t.Errorf("%d cells reached\n%s", len(w.queue), m.Text())
	}
}

func TestParseRules(t *testing.T) {
	const good = `move = "walk"
start = "s"
goal = "g"
open = "."
tile = [{glyph = "s", name = "a"}, {glyph = "g", name = "b"}, {glyph = ".", name = "c", also = ",_"}, {glyph = "#", name = "d", solid = true}]
`
	r, err := ParseRules([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	m, _ := tilemap.ReadText([]byte("s,_g#"))
	if err := r.Read(m); err != nil || string(m.Cells) != "s..g#" || r.Solve(m).Moves() != 3 {
		t.Errorf("%q, %v", string(m.Cells), err)
	}
	m.Cells[2] = '!'
	if err := r.Read(m); err == nil || !strings.Contains(err.Error(), `row 1, column 3 has '!'`) {
		t.Error(err)
	}
	for was, is := range map[string][2]string{
		`move = "walk"`:        {`move = "fly"`, "move: want walk or platform"},
		`start = "s"`:          {`start = "#"`, "cannot be entered"},
		`goal = "g"`:           {`goal = "?"`, `goal: want the glyph of a tile, got "?"`},
		`open = "."`:           {`opne = "."`, `line 4: rules have no key "opne"`},
		`glyph = "#"`:          {`glyph = "##"`, "want one character"},
		`glyph = "g"`:          {`glyph = "s"`, `two tiles are 's'`},
		`solid = true`:         {`solid = 1`, "line 5"},
		`name = "d"`:           {`colour = "red", name = "d"`, "want a colour as #rrggbb"},
		`solid = true}`:        {`look = "cat"}`, `no look "cat"`},
		`, solid = true}`:      {`, opens = "k"}`, "want the glyph of a key"},
		`name = "d", solid`:    {`solid`, "want a name"},
		"move = \"walk\"\nst":  {"move = \"platform\"\nst", "ladder: want the glyph"},
		"move = \"walk\"\nsta": {"move = \"walk\"\njump = 99\nsta", "jump: want 0 to 16"},
	} {
		text := strings.Replace(good, was, is[0], 1)
		if _, err := ParseRules([]byte(text)); err == nil || !strings.Contains(err.Error(), is[1]) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v; want %q", is[0], err, is[1])
		}
	}
}
