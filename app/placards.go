package app

import (
	"image"
	"image/color"

	"atelier/internal/picture"
	"atelier/internal/rooms"
)

// The cards beside pictures, in pixels.
const (
	cardPixels   = 480 // width
	bannerPixels = 1024
)

// plaplacards draw the cards of an exhibit and its title.
type placards struct {
	first, second, title *lettering
	odd                  bool // a character has no letter
}

func newPlacards() (c *placards, err error) {
	c = &placards{}
	for size, to := range map[float64]**lettering{44: &c.first, 30: &c.second, 84: &c.title} {
		if *to, err = newLettering(size); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// card is the texture of a card with two lines, as a PNG.
func (c *placards) card(first, second string) ([]byte, error) {
	img := filledWith(color.NRGBA{250, 249, 246, 255}, image.Pt(cardPixels, int(cardPixels*rooms.CardHigh/rooms.CardWide)))
	const edge = 16
	c.odd = c.odd || !c.first.has(first) || !c.second.has(second)
	lines := c.first.height + c.second.height
	top := max(0, (img.Rect.Dy()-lines)/2)
	c.first.centred(img, image.Pt(edge, top), cardPixels-2*edge, first, color.NRGBA{30, 30, 30, 255})
	c.second.centred(img, image.Pt(edge, top+c.first.height), cardPixels-2*edge, second, color.NRGBA{90, 90, 90, 255})
	return picture.PNG.Encode(img)
}

// banner is the texture of the title, as a PNG.
func (c *placards) banner(title string) ([]byte, error) {
	img := filledWith(color.NRGBA{214, 211, 204, 255}, image.Pt(bannerPixels, int(bannerPixels*rooms.BannerHigh/rooms.BannerWide)))
	c.odd = c.odd || !c.title.has(title)
	c.title.centred(img, image.Pt(16, (img.Rect.Dy()-c.title.height)/2), bannerPixels-32, title, color.NRGBA{40, 40, 40, 255})
	return picture.PNG.Encode(img)
}

// tell says if the font lacks letters.
func (c *placards) tell(env *Env) {
	if c.odd {
		env.say("some characters of title and placards have no letter in the font of the program, Liberation Sans; they are shown as boxes")
	}
}
