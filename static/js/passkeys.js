/* Shows what needs a passkey only where the browser has them, and says when a key did not answer. */
(function () {
  "use strict";
  var words = document.currentScript.dataset.failed;
  var buttons = document.querySelectorAll("[data-passkey]");
  if (!window.PublicKeyCredential) { return; }
  buttons.forEach(function (button) { button.hidden = false; });

  document.addEventListener("allauth.error", function (event) {
    event.preventDefault();
    var note = document.getElementById("passkey-failed");
    if (!note) {
      note = document.createElement("p");
      note.id = "passkey-failed";
      note.className = "text-danger small mt-2 mb-0";
      note.setAttribute("role", "alert");
      buttons[0].insertAdjacentElement("afterend", note);
    }
    note.textContent = words;
  });
})();
