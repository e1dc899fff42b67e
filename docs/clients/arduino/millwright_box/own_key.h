// A key that this box makes itself, and what EST answers: with mbedTLS, which the ESP32 core brings (2.28 and 3).
#pragma once

#include <Arduino.h>
#include <mbedtls/base64.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/ecp.h>
#include <mbedtls/entropy.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509_csr.h>

#include <vector>

struct OwnKey {
  String privateKey;  // PEM
  String request;     // PKCS#10 (RFC 2986), PEM
};

// The site takes the public key out of the request, and names the box itself. False where something failed.
inline bool makeOwnKey(const String &name, OwnKey &made) {
  mbedtls_entropy_context entropy;
  mbedtls_ctr_drbg_context random;
  mbedtls_pk_context key;
  mbedtls_x509write_csr request;
  mbedtls_entropy_init(&entropy);
  mbedtls_ctr_drbg_init(&random);
  mbedtls_pk_init(&key);
  mbedtls_x509write_csr_init(&request);

  const String subject = "CN=" + name;
  std::vector<unsigned char> text(2048);
  bool ok = mbedtls_ctr_drbg_seed(&random, mbedtls_entropy_func, &entropy, nullptr, 0) == 0 &&
            mbedtls_pk_setup(&key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) == 0 &&
            mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key), mbedtls_ctr_drbg_random, &random) == 0 &&
            mbedtls_pk_write_key_pem(&key, text.data(), text.size()) == 0;
  if (ok) {
    made.privateKey = reinterpret_cast<const char *>(text.data());
    mbedtls_x509write_csr_set_md_alg(&request, MBEDTLS_MD_SHA256);
    mbedtls_x509write_csr_set_key(&request, &key);
    ok = mbedtls_x509write_csr_set_subject_name(&request, subject.c_str()) == 0 &&
         mbedtls_x509write_csr_pem(&request, text.data(), text.size(), mbedtls_ctr_drbg_random, &random) == 0;
    if (ok) made.request = reinterpret_cast<const char *>(text.data());
  }
  mbedtls_x509write_csr_free(&request);
  mbedtls_pk_free(&key);
  mbedtls_ctr_drbg_free(&random);
  mbedtls_entropy_free(&entropy);
  return ok;
}

// What stands between the lines of a PEM: base64 of DER, as EST wants it.
inline String base64Of(const String &pem) {
  const int from = pem.indexOf('\n') + 1;
  return pem.substring(from, pem.indexOf("-----END"));
}

// One DER element (X.690 8.1) at `at`: false where it does not lie within `end`.
inline bool element(const std::vector<unsigned char> &der, size_t at, size_t end, size_t &start, size_t &stop) {
  if (at + 2 > end) return false;
  size_t length = der[at + 1];
  start = at + 2;
  if (length & 0x80) {
    size_t count = length & 0x7f;
    if (count == 0 || count > 3 || start + count > end) return false;
    length = 0;
    while (count-- > 0) length = (length << 8) | der[start++];
  }
  stop = start + length;
  return stop <= end;
}

// The first certificate in a certs-only PKCS#7 (RFC 5652 5.1), base64, as PEM; empty where there is none.
inline String certificateIn(const String &base64) {
  std::vector<unsigned char> der(base64.length());
  size_t size = 0;
  const auto *text = reinterpret_cast<const unsigned char *>(base64.c_str());
  if (mbedtls_base64_decode(der.data(), der.size(), &size, text, base64.length()) != 0) return "";
  size_t start = 0, stop = 0, end = size;
  if (!element(der, 0, end, start, end)) return "";                 // ContentInfo
  if (!element(der, start, end, start, stop)) return "";            // its type
  if (!element(der, stop, end, start, end)) return "";              // [0]
  if (!element(der, start, end, start, end)) return "";             // SignedData
  size_t at = start;
  while (at < end && der[at] != 0xa0) {                             // its [0]: certificates
    if (!element(der, at, end, start, stop)) return "";
    at = stop;
  }
  if (!element(der, at, end, start, end)) return "";
  at = start;
  if (!element(der, at, end, start, stop)) return "";
  std::vector<unsigned char> pem(2 * (stop - at) + 128);
  size_t written = 0;
  if (mbedtls_pem_write_buffer("-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n", der.data() + at,
                               stop - at, pem.data(), pem.size(), &written) != 0)
    return "";
  return reinterpret_cast<const char *>(pem.data());
}
