/// The script of a page: values of points at once where a pointer or the keyboard is, and the
/// viewer of pictures.
enum PageScript {
  static let text = #"""
    "use strict";
    const $ = id => document.getElementById(id);

    const tip = document.createElement("div");
    tip.id = "tip";
    for (const point of document.querySelectorAll(".panel .point")) {
      point.querySelector("title").remove();
      const show = () => {
        const panel = point.closest(".panel"), box = panel.getBoundingClientRect();
        const at = point.querySelector(".hit").getBoundingClientRect();
        tip.textContent = point.getAttribute("aria-label");
        panel.append(tip);
        const left = at.left + at.width / 2 - box.left - tip.offsetWidth / 2;
        tip.style.left = Math.max(0, Math.min(left, box.width - tip.offsetWidth)) + "px";
        const above = at.top - box.top - tip.offsetHeight - 4;
        tip.style.top = (above < 0 ? at.bottom - box.top + 4 : above) + "px";
      };
      point.addEventListener("pointerenter", show);
      point.addEventListener("focus", show);
      point.addEventListener("pointerleave", () => tip.remove());
      point.addEventListener("blur", () => tip.remove());
    }

    if ($("pictures")) {
      const { shown, sources } = JSON.parse($("pictures").textContent);
      const stage = $("stage"), panes = [...stage.querySelectorAll(".pane")];
      const sides = ["left", "right"];
      // What is in the middle of a pane, in pixels of the picture, and how large one is.
      let x = 0, y = 0, zoom = 1;
      const current = () => shown[$("image").value].rates[$("rate").value];
      const fill = (select, names, wanted) => {
        select.replaceChildren(...names.map((name, index) => new Option(name, index)));
        select.selectedIndex = Math.max(0, Math.min(wanted, names.length - 1));
      };
      const draw = () => {
        const isBeside = $("view").value == "beside", split = $("split").value;
        stage.className = $("view").value;
        $("split").hidden = isBeside;
        const image = shown[$("image").value];
        const room = $("viewer").clientWidth, most = innerHeight * 0.75;
        // Small pictures are not blown up beyond twice their size.
        const side = isBeside ? (room - 3) / 2 : room;
        const fit = Math.min(side / image.width, most / image.height, 2);
        zoom = +$("zoom").value || fit;
        const wanted = Math.ceil(image.width * Math.max(fit, zoom));
        $("frame").style.width = (isBeside ? 2 * wanted + 3 : wanted) + "px";
        const width = panes[0].clientWidth;
        const height = Math.min(image.height * Math.max(fit, zoom), most);
        stage.style.height = height + "px";
        stage.style.touchAction = $("zoom").value == "0" ? "pan-y" : "none";
        // A small picture stands in the middle, a large one covers the pane.
        const bound = (at, size, room) => size <= room
          ? size / 2 : Math.max(room / 2, Math.min(size - room / 2, at));
        x = bound(x, image.width, width / zoom);
        y = bound(y, image.height, height / zoom);
        const [left, top] = [width / 2 - x * zoom, height / 2 - y * zoom];
        for (const picture of stage.querySelectorAll("img")) {
          picture.style.transform = `translate(${left}px, ${top}px) scale(${zoom})`;
          picture.style.imageRendering = $("zoom").value > 1 ? "pixelated" : "auto";
        }
        panes[1].style.clipPath = isBeside ? "" : `inset(0 0 0 ${split}%)`;
        panes[0].style.clipPath = isBeside ? "" : `inset(0 ${100 - split}% 0 0)`;
        $("divider").style.marginLeft = `calc(${split}% - 1px)`;
      };
      const choose = () => {
        for (const side of sides) {
          const entry = current().entries[$(side).value];
          $("picture-" + side).src = sources[entry.source];
          $("picture-" + side).alt = entry.codec;
          $("note-" + side).textContent = entry.note;
        }
        draw();
      };
      const chooseRate = () => {
        const names = current().entries.map(entry => entry.codec);
        // The codecs that were chosen before, as far as they have this image.
        const before = sides.map(side => names.indexOf($(side).selectedOptions[0]?.text));
        fill($("left"), names, before[0] < 0 ? 1 : before[0]);
        const other = names.length > 2 ? names.length - 1 : 0;
        fill($("right"), names, before[1] < 0 ? other : before[1]);
        choose();
      };
      const chooseImage = () => {
        const rates = shown[$("image").value].rates.map(rate => rate.label);
        const wanted = $("rate").selectedIndex;
        fill($("rate"), rates, wanted < 0 ? rates.length >> 1 : wanted);
        [x, y] = [shown[$("image").value].width / 2, shown[$("image").value].height / 2];
        chooseRate();
      };
      const setZoom = step => {
        const wanted = $("zoom").selectedIndex + step;
        $("zoom").selectedIndex = Math.max(0, Math.min(wanted, $("zoom").options.length - 1));
        draw();
      };
      $("image").addEventListener("change", chooseImage);
      $("rate").addEventListener("change", chooseRate);
      for (const side of sides) $(side).addEventListener("change", choose);
      for (const id of ["view", "zoom", "split"]) $(id).addEventListener("input", draw);
      addEventListener("resize", draw);
      // Dragging moves the divider where it is grabbed or all is seen, else the pictures.
      let grab = null;
      stage.addEventListener("pointerdown", event => {
        const at = event.clientX - stage.getBoundingClientRect().left;
        const divider = stage.clientWidth * $("split").value / 100;
        const isDivided = $("view").value == "divided";
        const movesDivider = isDivided && (Math.abs(at - divider) < 16 || $("zoom").value == "0");
        grab = { x: event.clientX + x * zoom, y: event.clientY + y * zoom, movesDivider };
        stage.setPointerCapture(event.pointerId);
      });
      stage.addEventListener("pointermove", event => {
        if (!grab) return;
        if (grab.movesDivider) {
          const at = event.clientX - stage.getBoundingClientRect().left;
          $("split").value = 100 * at / stage.clientWidth;
        } else {
          [x, y] = [(grab.x - event.clientX) / zoom, (grab.y - event.clientY) / zoom];
        }
        draw();
      });
      for (const name of ["pointerup", "pointercancel"]) {
        stage.addEventListener(name, () => { grab = null; });
      }
      stage.addEventListener("keydown", event => {
        const moves = {
          ArrowLeft: [-40, 0], ArrowRight: [40, 0], ArrowUp: [0, -40], ArrowDown: [0, 40],
        };
        if (moves[event.key]) {
          x += moves[event.key][0] / zoom;
          y += moves[event.key][1] / zoom;
          draw();
        } else if (event.key == "+" || event.key == "=") setZoom(1);
        else if (event.key == "-") setZoom(-1);
        else return;
        event.preventDefault();
      });
      fill($("image"), shown.map(image => image.name), 0);
      $("viewer").hidden = false;
      chooseImage();
    }
    """#
}
