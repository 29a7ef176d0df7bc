package app

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Thresholds by the number and size of works.
const (
	fewWorks    = 300     // pictures or pieces of music
	mediumWorks = 2000    // pictures
	fewLetters  = 100_000 // characters of text
	fewOfOwn    = 40      // per class, on average, for class-conditional training
	shortTrain  = 3000    // steps
	mediumTrain = 6000
	longTrain   = 9000

	usualSide   = 32   // pixels
	smallSide   = 28   // of smaller pictures
	smallShare  = 0.1  // share of the pictures that may be enlarged
	croppedAt   = 0.05 // cropped share of a picture from which a warning is given
	alikeWithin = 0.05 // relative difference of aspect ratios that count as equal
)

// ownSides are the picture sides that the recipe supports.
var ownSides = []int{smallSide, usualSide, 64}

// planPictures plans for pictures that a setting names.
func (s *survey) planPictures(p *Plan, from string) {
	set := func(setting, why string) {
		p.Settings = append(p.Settings, setting)
		p.Why = append(p.Why, setting+": "+why)
	}
	switch {
	case s.seen > 0 && s.grey == s.seen:
		set("codec.channels=1", "the pictures are grey")
		set("augment=[]", "grey pictures are often writing or drawings, which must not be mirrored")
	case 2*s.clear > s.seen:
		set("codec.channels=4", "most pictures are transparent")
	}
	s.planSize(p, set)
	if n := len(p.Classes); n > 1 {
		if p.Works/n >= fewOfOwn {
			set("model.conditional=true", fmt.Sprintf("there are %d classes with %d pictures each on average", n, p.Works/n))
		} else {
			p.Why = append(p.Why, fmt.Sprintf("without classes: %d pictures each on average are too few to learn them", p.Works/n))
			set("score.space=random", "a classifier of so few would judge by chance")
		}
	}
	steps := stepsFor(p.Works)
	if steps != longTrain {
		set("steps="+strconv.Itoa(steps), "more would learn so few pictures by heart")
		p.Why = append(p.Why, "differentiable augmentation, the stronger the fewer the pictures, keeps D from memorising them")
	}
	if s.said > 0 {
		p.Why = append(p.Why, fmt.Sprintf("%d of the pictures have captions, which this recipe does not learn; to draw what captions say: %s", s.said, p.worded(from).Command()))
	}
	if clips, folder := strings.CutPrefix(from, `data={use="folder"`); folder && s.moving > 0 {
		p.Why = append(p.Why, fmt.Sprintf("%d of the pictures are animations, of which this recipe learns the first frames; to learn how they move: %s", s.moving, filmed(clips).Command()))
	}
	if p.Works < fewWorks {
		p.Warnings = append(p.Warnings, fmt.Sprintf("%d pictures are few: expect rough pictures, or copies of yours; from %d on it gets better", p.Works, fewWorks))
	}
}

// stepsFor is how many steps suit so many pictures.
func stepsFor(pictures int) int {
	switch {
	case pictures < fewWorks:
		return shortTrain
	case pictures < mediumWorks:
		return mediumTrain
	}
	return longTrain
}

// filmed is the plan for learning the animations of a folder as clips, with the rest of its setting.
func filmed(rest string) *Plan {
	return &Plan{Recipe: "clips", Settings: []string{`data={use="clips"` + rest, "codec.channels=3"}}
}

// worded is the plan for drawing what the captions of pictures say.
func (p *Plan) worded(from string) *Plan {
	return &Plan{Recipe: "words", Settings: []string{from, "steps=" + strconv.Itoa(stepsFor(p.Works))}}
}

// planSize chooses the side of the squares that pictures are resized to, and says what is cropped.
func (s *survey) planSize(p *Plan, set func(setting, why string)) {
	side, exact := s.side()
	setting := "codec.size=" + strconv.Itoa(side)
	switch {
	case exact && side != usualSide:
		set(setting, "all pictures are of that size")
	case exact:
	case side < usualSide:
		set(setting, fmt.Sprintf("some pictures have fewer than %d pixels a side", usualSide))
	default:
		p.Why = append(p.Why, fmt.Sprintf("%d×%d pixels: larger pictures take longer; codec.size=64 takes about four times as long", side, side))
	}
	if cut := s.cropped(); cut != "" {
		p.Why = append(p.Why, cut)
	}
}

// side is the side of squares that suits the pictures; exact reports that all are squares of that
// size.
func (s *survey) side() (side int, exact bool) {
	if len(s.sides) == 0 {
		return usualSide, false
	}
	first := s.sides[0]
	same := !slices.ContainsFunc(s.sides, func(p image.Point) bool { return p != first })
	if same && first.X == first.Y && slices.Contains(ownSides, first.X) {
		return first.X, true
	}
	var shorter []int
	for _, p := range s.sides {
		shorter = append(shorter, min(p.X, p.Y))
	}
	slices.Sort(shorter)
	if shorter[int(smallShare*float64(len(shorter)))] < usualSide {
		return smallSide, false
	}
	return usualSide, false
}

// cropped says what is cropped off pictures that are not square, empty if it is negligible.
func (s *survey) cropped() string {
	if len(s.sides) == 0 {
		return ""
	}
	shapes := slices.Clone(s.sides)
	slices.SortFunc(shapes, func(a, b image.Point) int { return cmp.Compare(shape(a), shape(b)) })
	cut := func(p image.Point) float64 { return 1 - float64(min(p.X, p.Y))/float64(max(p.X, p.Y)) }
	first, middle, last := shapes[0], shapes[len(shapes)/2], shapes[len(shapes)-1]
	most := max(cut(first), cut(last))
	switch {
	case most <= croppedAt:
		return ""
	case shape(last) <= shape(first)*(1+alikeWithin) && middle.X > middle.Y:
		return fmt.Sprintf("cropped to squares: %.0f %% of each picture is cut off, on the left and the right", 100*cut(middle))
	case shape(last) <= shape(first)*(1+alikeWithin):
		return fmt.Sprintf("cropped to squares: %.0f %% of each picture is cut off, at the top and the bottom", 100*cut(middle))
	}
	return fmt.Sprintf("cropped to squares: up to %.0f %% of a picture is cut off at its longer ends", math.Ceil(100*most))
}

// shape is the aspect ratio of a picture.
func shape(p image.Point) float64 { return float64(p.X) / float64(max(1, p.Y)) }

func (s *survey) planTexts(p *Plan) {
	p.Why = append(p.Why, fmt.Sprintf("%d characters in %s, learned character by character", s.letters, Counted(p.Works, "text")))
	if s.letters < fewLetters {
		p.Warnings = append(p.Warnings, fmt.Sprintf("%d characters are few: expect word-like noise, or passages of yours; from %d on it gets better", s.letters, fewLetters))
	}
}

func (s *survey) planMusic(p *Plan) {
	if s.pieces > 0 && s.drums == s.pieces {
		p.Why = append(p.Why, "there are drums alone, learned as events; the recipe tunes with codec.form=drums learns them on a grid")
	} else {
		p.Why = append(p.Why, "all instruments are learned as events, with metre, tempo, key and chords; atelier compose --model NAME then composes")
	}
	if n := len(p.Classes); n > 1 {
		p.Why = append(p.Why, fmt.Sprintf("the %d folders are styles, which atelier compose --style asks for", n))
	}
	if p.Works < fewWorks {
		p.Warnings = append(p.Warnings, fmt.Sprintf("%d pieces are few: expect aimless music, or passages of yours", p.Works))
	}
}
