package family

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/arch"
)

// captioned are pictures with captions of two lines of three words.
var captioned = data.Spec{Fields: append(slices.Clone(labelled.Fields),
	data.Field{Name: data.CaptionField, Kind: data.Tokens, Shape: []int{2, 3}, Vocabulary: 6})}

// saying are the conditions of pictures with captions of one line each.
func saying(captions ...[]int32) *data.Batch {
	field, _ := captioned.Field(data.CaptionField)
	c := data.NewColumn(field, len(captions))
	for i, words := range captions {
		copy(c.Tokens(i), words)
	}
	b := &data.Batch{N: len(captions)}
	b.Set(c)
	return b
}

// ofText are small models that draw what texts say, of each generator and discriminator.
func ofText(t *testing.T) map[string]Family {
	t.Helper()
	all := map[string]Family{}
	for _, name := range []string{"mlp", "style"} {
		gan := smallGAN()
		gan.Text, gan.Match = true, 2
		if name == "style" {
			gan.Conditional = true
			gan.Generator = made[arch.GeneratorArch]("style", "width=4", "code=5")
		}
		all["gan "+name] = gan
	}
	flow := small(registry.Choose[Family]("flow").Value).(*Flow)
	flow.Text, flow.Guidance, flow.DrawSteps = true, 2, 2
	all["flow"] = flow
	return all
}

// TestTexts draws what a caption says, whatever else is drawn with it and whatever its order of
// words.
func TestTexts(t *testing.T) {
	for name, f := range ofText(t) {
		t.Run(name, func(t *testing.T) {
			m, store := trained(t, f, captioned, 2)
			if needs := m.(Conditioned).Needs(); !slices.Equal(needs, []string{data.CaptionField}) {
				t.Errorf("needs %v", needs)
			}
			sampler, err := m.(Generative).Sampler(backend(t), store)
			if err != nil {
				t.Fatal(err)
			}
			draw := func(conditions *data.Batch, seeds ...uint64) (all []string, err error) {
				for b, err := range sampler(t.Context(), seeds, conditions) {
					if err != nil {
						return nil, err
					}
					all = append(all, fmt.Sprint(b.Column(data.Target).Floats))
				}
				return all, nil
			}
			three, err := draw(saying([]int32{2, 3}, []int32{4}, []int32{3, 2}), 5, 5, 5)
			if err != nil {
				t.Fatal(err)
			}
			one, err := draw(saying([]int32{4}), 5)
			if err != nil {
				t.Fatal(err)
			}
			if three[1] != one[0] {
				t.Error("a picture depends on those that are drawn with it")
			}
			if three[0] == three[1] {
				t.Error("two captions give the same picture")
			}
			if _, err := draw(nil, 5); err == nil || !strings.Contains(err.Error(), "needs a caption") {
				t.Error("without a caption:", err)
			}
			if _, err := draw(saying([]int32{6}), 5); err == nil {
				t.Error("a word that does not exist was drawn")
			}
		})
	}
}

func TestTextsWithoutCaptions(t *testing.T) {
	for _, f := range ofText(t) {
		if _, err := f.Model(labelled); err == nil || !strings.Contains(err.Error(), "codec.captions") {
			t.Error(err)
		}
	}
	gan := smallGAN()
	gan.Match = 1
	if err := gan.Check(); err == nil {
		t.Error("a gan without texts matches pictures")
	}
}

// TestTellLine takes each line with words about as often, none that is empty, and drops its share.
func TestTellLine(t *testing.T) {
	times := map[int32]int{}
	for step := range 600 {
		b := saying([]int32{2, 0, 0, 3}, []int32{4, 5})
		tellLine(b, captioned, noise.Stream(1, captionNoise, uint64(step)), 0.25)
		line := b.Column(toldCaption)
		times[line.Tokens(0)[0]]++
		if second := line.Tokens(1); second[0] == 0 {
			times[-1]++
		} else if !slices.Equal(second, []int32{4, 5, 0}) {
			t.Fatal(second)
		}
	}
	for token, least := range map[int32]int{2: 170, 3: 170, 0: 100, -1: 100} {
		if n := times[token]; n < least || n > 280 {
			t.Errorf("%d: %d of 600 times", token, n)
		}
	}
}

// TestJudgeOfTexts tells apart pictures by what their captions say.
func TestJudgeOfTexts(t *testing.T) {
	gan := smallGAN()
	gan.Text = true
	m, store := trained(t, gan, captioned, 2)
	judge, err := m.(Judging).Judge(backend(t), store)
	if err != nil {
		t.Fatal(err)
	}
	b, err := batches{captioned}.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	copy(b.Column(data.CaptionField).Tokens(0), []int32{2})
	copy(b.Column(data.CaptionField).Tokens(3), []int32{4})
	logits, err := judge(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if logits[0] == logits[3] { // the same picture
		t.Error("the caption does not count")
	}
}
