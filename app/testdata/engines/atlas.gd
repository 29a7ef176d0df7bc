extends SceneTree

# Loads a sheet with its atlas, and tells how many of its frames show anything.
func _init():
	var folder = OS.get_environment("SHEET")
	var file = File.new()
	file.open(folder + "/sprites.json", File.READ)
	var atlas = JSON.parse(file.get_as_text()).result
	var sheet = Image.new()
	if sheet.load(folder + "/" + atlas["meta"]["image"]) != OK:
		print("no sheet")
		quit(1)
		return
	var texture = ImageTexture.new()
	texture.create_from_image(sheet)
	var shown = 0
	for name in atlas["frames"]:
		var f = atlas["frames"][name]["frame"]
		var part = AtlasTexture.new()
		part.atlas = texture
		part.region = Rect2(f["x"], f["y"], f["w"], f["h"])
		if sheet.get_rect(part.region).is_invisible() == false and part.get_size() == Vector2(f["w"], f["h"]):
			shown += 1
	print("shown ", shown, " of ", atlas["frames"].size(), " in ", sheet.get_width(), "x", sheet.get_height())
	quit()
