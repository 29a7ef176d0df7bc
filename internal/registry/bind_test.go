package registry

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A shape is a plug-in of the tests.
type shape interface{ Area() float64 }

type square struct {
	Side float64
	Fill registryOptional
}

type registryOptional struct {
	Red, Green uint8
}

type group struct {
	Members []Choice[shape]
	Inner   Choice[shape] `toml:",optional"`
}

type point struct{}

func (s *square) Area() float64 { return s.Side * s.Side }
func (g *group) Area() float64  { return 0 }
func (*point) Area() float64    { return 0 }

func (s *square) Check() error {
	if s.Side <= 0 {
		return Unfit("side", fmt.Sprintf("want more than 0, got %g", s.Side))
	}
	return nil
}

var shapes = New[shape]("shape")

func init() {
	shapes.Add("square", "four equal sides", func() shape { return &square{Side: 1} })
	shapes.Add("group", "shapes side by side", func() shape { return new(group) })
	shapes.Add("point", "no extent", func() shape { return new(point) })
}

type settings struct {
	Seed   uint64
	Steps  int
	Rate   float64
	Small  float32
	Byte   int8
	Deep   bool
	Name   string
	Every  time.Duration
	Sizes  []int
	Words  []string
	Shape  Choice[shape]
	Spare  Choice[shape] `toml:"extra,optional"`
	Shapes []Choice[shape]
	Clip   struct{ Low, High float64 }
	Share  map[string]float64
	ByName map[string]registryOptional
	Hidden int `toml:"-"`
}

func newSettings() *settings {
	return &settings{Steps: 10, Shape: Choose[shape]("square")}
}

func bindText(text string, args ...string) (*settings, error) {
	f, err := Parse("run.toml", []byte(text))
	if err != nil {
		return nil, err
	}
	for _, a := range args {
		if err := f.Override(a); err != nil {
			return nil, err
		}
	}
	s := newSettings()
	return s, f.Bind(s)
}

func TestBind(t *testing.T) {
	got, err := bindText(`
seed = 7
rate = 2
every = "10m"
shape.side = 3
shapes = [{use = "point"},
  {use = "group", members = [{use = "square", side = 0.5}]}]
[clip]
low = -1.0
[share]
a = 0.25
[by_name.x]
green = 2
`)
	if err != nil {
		t.Fatal(err)
	}
	want := newSettings()
	want.Seed, want.Rate, want.Every, want.Clip.Low = 7, 2, 10*time.Minute, -1
	want.Shape.Value = &square{Side: 3}
	want.Shapes = []Choice[shape]{{"point", &point{}}, {"group", &group{Members: []Choice[shape]{{"square", &square{Side: 0.5}}}}}}
	want.Share = map[string]float64{"a": 0.25}
	want.ByName = map[string]registryOptional{"x": {Green: 2}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Every wrong file that was met has the message beside it. Lines of the
// comment "# argument: key=value" at the top are applied as arguments.
func TestBadFiles(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.bad.toml")
	if len(files) == 0 {
		t.Fatal("no files")
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var args []string
		for line := range strings.Lines(string(src)) {
			if arg, ok := strings.CutPrefix(line, "# argument: "); ok {
				args = append(args, strings.TrimSpace(arg))
			}
		}
		want, err := os.ReadFile(strings.TrimSuffix(name, ".bad.toml") + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		_, err = bindText(string(src), args...)
		if got := fmt.Sprint(err); got != strings.TrimSpace(string(want)) {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestOverride(t *testing.T) {
	file := `steps = 5
shape = {use = "square", side = 2}
shapes = [{use = "square", side = 2}]`
	for _, c := range []struct {
		args []string
		want func(*settings)
	}{
		{[]string{"steps=8"}, func(s *settings) { s.Steps = 8 }},
		{[]string{"name=0001-fashion"}, func(s *settings) { s.Name = "0001-fashion" }},
		{[]string{"name=2024"}, func(s *settings) { s.Name = "2024" }},
		{[]string{"name=2024-05-01"}, func(s *settings) { s.Name = "2024-05-01" }},
		{[]string{"name=1e5"}, func(s *settings) { s.Name = "1e5" }},
		{[]string{"name=true"}, func(s *settings) { s.Name = "true" }},
		{[]string{"name=[2024] trip"}, func(s *settings) { s.Name = "[2024] trip" }},
		{[]string{`name="2024"`}, func(s *settings) { s.Name = "2024" }},
		{[]string{`words=["a", "b=c"]`}, func(s *settings) { s.Words = []string{"a", "b=c"} }},
		{[]string{"clip.low=-2"}, func(s *settings) { s.Clip.Low = -2 }},
		{[]string{"shapes[0].side=4"}, func(s *settings) { s.Shapes[0].Value = &square{Side: 4} }},
		{[]string{"shapes=[]"}, func(s *settings) { s.Shapes = []Choice[shape]{} }},
		{[]string{"shape.use=square"}, func(*settings) {}},
		{[]string{"shape.use=point"}, func(s *settings) { s.Shape = Choice[shape]{"point", &point{}} }},
		{[]string{"shape.fill.red=3", "shape.use=group", "shape.use=square"}, func(s *settings) {
			s.Shape.Value = &square{Side: 1, Fill: registryOptional{Red: 3}}
		}},
	} {
		got, err := bindText(file, c.args...)
		if err != nil {
			t.Errorf("%v: %v", c.args, err)
			continue
		}
		want := newSettings()
		want.Steps, want.Shape.Value = 5, &square{Side: 2}
		want.Shapes = []Choice[shape]{{"square", &square{Side: 2}}}
		c.want(want)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%v: %s", c.args, d)
		}
	}
}

func shapeGen(depth int) *rapid.Generator[Choice[shape]] {
	return rapid.Custom(func(t *rapid.T) Choice[shape] {
		switch rapid.IntRange(0, min(depth, 1)+1).Draw(t, "use") {
		case 0:
			return Choice[shape]{"point", &point{}}
		case 1:
			side := rapid.Float64Range(1e-9, 1e30).Draw(t, "side")
			return Choice[shape]{"square", &square{Side: side, Fill: registryOptional{Red: rapid.Uint8().Draw(t, "red")}}}
		}
		g := &group{Members: rapid.SliceOfN(shapeGen(depth-1), 0, 2).Draw(t, "members")}
		if rapid.Bool().Draw(t, "inner") {
			g.Inner = shapeGen(depth-1).Draw(t, "inner shape")
		}
		return Choice[shape]{"group", g}
	})
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := &settings{
			Seed:   rapid.Uint64Max(1<<63-1).Draw(t, "seed"),
			Steps:  rapid.Int().Draw(t, "steps"),
			Rate:   rapid.Float64().Draw(t, "rate"),
			Small:  rapid.Float32().Draw(t, "small"),
			Byte:   rapid.Int8().Draw(t, "byte"),
			Deep:   rapid.Bool().Draw(t, "deep"),
			Name:   rapid.String().Draw(t, "name"),
			Every:  time.Duration(rapid.Int64().Draw(t, "every")),
			Sizes:  rapid.SliceOf(rapid.Int()).Draw(t, "sizes"),
			Words:  rapid.SliceOf(rapid.String()).Draw(t, "words"),
			Shape:  shapeGen(2).Draw(t, "shape"),
			Shapes: rapid.SliceOfN(shapeGen(2), 0, 3).Draw(t, "shapes"),
			Share:  rapid.MapOf(rapid.String(), rapid.Float64()).Draw(t, "share"),
		}
		want.ByName = map[string]registryOptional{rapid.String().Draw(t, "key"): {Green: 1}}
		text, err := Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Parse("run.toml", text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		got := newSettings()
		if err := f.Bind(got); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("%s\n%s", text, cmp.Diff(want, got))
		}
		if again, _ := Encode(*got); string(again) != string(text) {
			t.Fatalf("encoded otherwise the second time:\n%s\n%s", text, again)
		}
	})
}

func TestEncode(t *testing.T) {
	s := newSettings()
	s.Rate, s.Words = 2e-4, []string{"a\"b"}
	s.Shapes = []Choice[shape]{Choose[shape]("square"), Choose[shape]("point")}
	got, err := Encode(s)
	if err != nil {
		t.Fatal(err)
	}
	want := `seed = 0
steps = 10
rate = 0.0002
small = 0.0
byte = 0
deep = false
name = ""
every = "0s"
sizes = []
words = ["a\"b"]
shapes = [
  {use = "square", side = 1.0, fill = {red = 0, green = 0}},
  {use = "point"},
]

[shape]
use = "square"
side = 1.0

[shape.fill]
red = 0
green = 0

[clip]
low = 0.0
high = 0.0

[share]

[by_name]
`
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Error(d)
	}
}

func TestUnwritable(t *testing.T) {
	for _, s := range []settings{{Seed: 1 << 63}, {Name: "\xff"}, {Rate: 1 / zero}} {
		if text, err := Encode(s); err == nil {
			t.Errorf("encoded %s", text)
		}
	}
}

var zero float64

// Whatever the text, Parse and Bind return.
func FuzzBind(f *testing.F) {
	f.Add("steps = 1\n[shape]\nuse = 'square'", "shape.side=2")
	f.Fuzz(func(t *testing.T, text, arg string) { bindText(text, arg) })
}

func TestDeepFile(t *testing.T) {
	for _, text := range []string{
		"a = " + strings.Repeat("[", MaxFile-8),
		"a = " + strings.Repeat("{a=", MaxFile/3-8),
		strings.Repeat("a.", MaxFile/2-8) + "a = 1",
		strings.Repeat("x", MaxFile+1),
	} {
		if _, err := bindText(text); err == nil {
			t.Errorf("%.20s... was accepted", text)
		}
	}
}

func TestSnake(t *testing.T) {
	for in, want := range map[string]string{"N": "n", "NCritic": "n_critic", "EMADecay": "ema_decay", "R1Gamma": "r1_gamma", "LearningRate": "learning_rate", "Beta1": "beta1"} {
		if got := snake(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// Some editors begin files with a byte order mark.
func TestByteOrderMark(t *testing.T) {
	var s struct{ Width int }
	f, err := Parse("run.toml", []byte("\ufeffwidth = 3\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Bind(&s); err != nil || s.Width != 3 {
		t.Errorf("%+v, error %v", s, err)
	}
}
