package app

import (
	"fmt"
	"image"
	"strconv"
	"strings"

	"atelier/internal/badinput"
)

// parseSize reads a size in pixels such as 800x400, or 512 for a square.
func parseSize(input, text string) (image.Point, error) {
	return parseSizeIn(input, text, "pixels, such as 800x400")
}

// parseSizeIn is parseSize for a size in other units, which are told with an example where it is wrong.
func parseSizeIn(input, text, units string) (image.Point, error) {
	words := strings.Split(strings.ReplaceAll(strings.ToLower(text), "×", "x"), "x")
	if len(words) == 1 {
		words = append(words, words[0])
	}
	numbers, err := wholes(words)
	if err != nil || len(numbers) != 2 || numbers[0] < 1 || numbers[1] < 1 {
		return image.Point{}, badinput.Errorf("%s: want width and height in %s, got %q", input, units, text)
	}
	return image.Pt(numbers[0], numbers[1]), nil
}

// parseBox reads a part of a picture such as 10,20,100,50: left, top, width and height.
func parseBox(input, text string) (image.Rectangle, error) {
	n, err := wholes(strings.Split(text, ","))
	if err != nil || len(n) != 4 || n[0] < 0 || n[1] < 0 || n[2] < 1 || n[3] < 1 {
		return image.Rectangle{}, badinput.Errorf("%s: want left, top, width and height in pixels, such as 40,30,100,80, got %q", input, text)
	}
	return image.Rect(n[0], n[1], n[0]+n[2], n[1]+n[3]), nil
}

// parseBoxes reads parts of a picture. A flag may give four numbers at once, or several boxes one
// after the other.
func parseBoxes(input string, words []string) (all []image.Rectangle, err error) {
	if len(words)%4 != 0 {
		return nil, badinput.Errorf("%s: want left, top, width and height in pixels, such as 40,30,100,80, got %d numbers", input, len(words))
	}
	for i := 0; i < len(words); i += 4 {
		r, err := parseBox(input, strings.Join(words[i:i+4], ","))
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// parseMove parses a part and its destination, such as 10,20,100,50:200,20.
func parseMove(input, text string) (part image.Rectangle, to image.Point, err error) {
	box, place, _ := strings.Cut(text, ":")
	part, err = parseBox(input, box)
	n, wrong := wholes(strings.Split(place, ","))
	if err != nil || wrong != nil || len(n) != 2 {
		return part, to, badinput.Errorf("%s: want left, top, width and height of a part, and the left and top that it goes to, such as 40,30,100,80:200,30, got %q", input, text)
	}
	return part, image.Pt(n[0], n[1]), nil
}

// mostCoordinate keeps sums of coordinates far from overflow.
const mostCoordinate = 1 << 24

func wholes(words []string) ([]int, error) {
	var all []int
	for _, w := range words {
		n, err := strconv.Atoi(strings.TrimSpace(w))
		if err != nil || n > mostCoordinate || n < -mostCoordinate {
			return nil, fmt.Errorf("%q is no number of pixels", w)
		}
		all = append(all, n)
	}
	return all, nil
}
