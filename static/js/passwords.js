// Show, hide and generate passwords.
(() => {
  "use strict";

  const SETS = {
    lower: "abcdefghijkmnopqrstuvwxyz",
    upper: "ABCDEFGHJKLMNPQRSTUVWXYZ",
    digit: "23456789",
  };

  // Unbiased: values beyond the last whole multiple are drawn again.
  const below = (limit) => {
    const cell = new Uint32Array(1);
    const top = Math.floor(0x100000000 / limit) * limit;
    do { crypto.getRandomValues(cell); } while (cell[0] >= top);
    return cell[0] % limit;
  };
  const pick = (characters) => characters[below(characters.length)];
  const shuffle = (items) => {
    for (let last = items.length - 1; last > 0; last -= 1) {
      const other = below(last + 1);
      [items[last], items[other]] = [items[other], items[last]];
    }
    return items;
  };
  const generate = (symbols, length) => {
    const sets = [...Object.values(SETS), symbols].filter(Boolean);
    const all = sets.join("");
    const rest = Array.from({ length: length - sets.length }, () => pick(all));
    return shuffle([...sets.map(pick), ...rest]).join("");
  };

  const show = (input, shown) => {
    input.type = shown ? "text" : "password";
    const button = document.querySelector(`[data-password-toggle="${input.id}"]`);
    if (button) button.setAttribute("aria-pressed", String(shown));
  };

  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-password-toggle]");
    if (toggle) {
      const input = document.getElementById(toggle.dataset.passwordToggle);
      show(input, input.type === "password");
      return;
    }
    const maker = event.target.closest("[data-password-generate]");
    if (!maker) return;
    const input = document.getElementById(maker.dataset.passwordGenerate);
    const length = Math.max(18, Number(maker.dataset.minLength || 0) + 4);
    input.value = generate(maker.dataset.symbols || "", length);
    show(input, true);
    input.focus();
    input.select();
  });
})();
