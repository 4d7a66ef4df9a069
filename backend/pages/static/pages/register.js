"use strict";
// Shows only what this person needs to fill: papers without a birth date ask for it, minors meet the guardian block.
(() => {
  const form = document.querySelector("[data-testid='register-form']");
  if (!form) return;
  const guardian = document.getElementById("guardian");
  const other = form.querySelector("[data-other-papers]");
  const resident = form.querySelector("[data-resident]");
  const isResident = () => form.elements.id_type.value === "resident_id";

  const birthDate = () => {
    const digits = /^\d{6}(\d{4})(\d{2})(\d{2})\d{3}[\dXx]$/.exec(form.elements.id_number.value.trim());
    if (isResident()) return digits ? new Date(+digits[1], +digits[2] - 1, +digits[3]) : null;
    const value = form.elements.birth_date.value;
    return value ? new Date(`${value}T00:00:00`) : null;
  };

  const isMinor = () => {
    const born = birthDate();
    if (!born) return false;
    const grown = new Date(born);
    grown.setFullYear(born.getFullYear() + Number(guardian.dataset.until));
    return grown > new Date();
  };

  const show = () => {
    other.hidden = isResident();
    resident.hidden = !isResident();
    const begun = form.elements.guardian_name.value !== "" || guardian.querySelector(".field__error");
    guardian.hidden = !isMinor() && !begun;
  };

  form.addEventListener("input", show);
  form.addEventListener("change", show);
  show();
})();
